//! CPython's process, and what is said to it.

use std::collections::HashMap;
use std::path::Path;

use everloop::process::{Process, ProcessReader, ProcessWriter, Stdio};
use everloop::{Duration, create_subprocess_exec, wait_for};

use super::plan::{Plan, Role};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cpython/sessions.py");
/// Longer than any session may take.
const LIMIT: Duration = Duration::from_secs(90);

pub struct Script {
    process: Process,
    plans: ProcessWriter,
    outcomes: ProcessReader,
}

impl Script {
    /// Plays this role, with TLS if there is a folder with certificates.
    pub async fn start(role: Role, transport: &str, address: &str, folder: Option<&Path>) -> Self {
        let mut arguments = vec![SCRIPT, role.name(), transport, address];
        arguments.extend(folder.map(|folder| folder.to_str().unwrap()));
        let python = create_subprocess_exec("python3", arguments).kill_on_drop(true);
        let mut process = python.stdin(Stdio::Pipe).stdout(Stdio::Pipe).await.unwrap();
        let (plans, outcomes) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, plans, outcomes }
    }

    /// The next line that it says.
    async fn line(&mut self) -> String {
        let line = wait_for(self.outcomes.readline(), LIMIT).await.expect("CPython says something in time");
        let line = str::from_utf8(line.unwrap()).unwrap().trim_end();
        assert!(!line.is_empty(), "CPython has ended");
        line.to_owned()
    }

    /// The port at which a server listens.
    pub async fn port(&mut self) -> u16 {
        // A path is none.
        self.line().await.parse().unwrap_or_default()
    }

    pub async fn tell(&mut self, plan: &Plan) {
        self.plans.write(plan.json().as_bytes()).unwrap();
        self.plans.drain().await.unwrap();
    }

    /// What came of so many sessions, by their numbers.
    pub async fn outcomes(&mut self, count: usize) -> HashMap<u32, String> {
        let mut outcomes = HashMap::new();
        for _ in 0..count {
            let line = self.line().await;
            let (number, outcome) = line.split_once(' ').unwrap();
            outcomes.insert(number.parse().unwrap(), outcome.replace("\\n", "\n"));
        }
        outcomes
    }

    /// It ends when there are no more plans.
    pub async fn end(self) {
        self.plans.close();
        assert_eq!(self.process.wait().await, 0);
    }
}
