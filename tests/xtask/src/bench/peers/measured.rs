//! Having it measured.

use super::figure::median;
use super::line::Line;
use crate::bench::Row;
use crate::process::{self, Ended};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How long one process may take.
const LIMIT: Duration = Duration::from_secs(120);

/// A workload, and how much of it.
pub type Work = (&'static str, Option<u64>);

/// What came of all.
#[derive(Default)]
pub struct Measured {
    /// The runtimes, in their order.
    pub runtimes: Vec<String>,
    rows: BTreeMap<(Work, String), Vec<Row>>,
    /// What could not be measured, and why.
    failed: BTreeMap<(String, Work), String>,
}

impl Measured {
    /// Each runtime does each workload in each round, one after the other, in a process of its own.
    pub fn take(program: &Path, lines: &[&Line], rounds: usize) -> Result<Self> {
        let pairs = process::output(Command::new(program).arg("list"))?;
        let pairs: Vec<(&str, &str)> = pairs.lines().filter_map(|pair| pair.split_once(' ')).collect();
        let mut this = Self::default();
        for (runtime, _) in &pairs {
            if !this.runtimes.iter().any(|known| known == runtime) {
                this.runtimes.push((*runtime).to_owned());
            }
        }
        let mut works: Vec<Work> = lines.iter().map(|line| (line.workload, line.n)).collect();
        works.dedup();
        for round in 1..=rounds {
            eprintln!("round {round} of {rounds}");
            for work in &works {
                for (runtime, _) in pairs.iter().filter(|(_, workload)| *workload == work.0) {
                    this.once(program, runtime, *work);
                }
            }
        }
        Ok(this)
    }

    fn once(&mut self, program: &Path, runtime: &str, work: Work) {
        let failure = (runtime.to_owned(), work);
        // What hung once would hang again.
        if self.failed.contains_key(&failure) {
            return;
        }
        match row(program, runtime, work) {
            Ok(row) => self.rows.entry((work, failure.0)).or_default().push(row),
            Err(error) => {
                eprintln!("{runtime}, {}: {error:#}", work.0);
                self.failed.insert(failure, format!("{error:#}"));
            }
        }
    }

    /// The median of a number.
    pub fn median(&self, runtime: &str, work: Work, key: &str) -> Option<f64> {
        let rows = self.rows.get(&(work, runtime.to_owned()))?;
        median(rows.iter().filter_map(|row| row.number(key)).map(|number| number as f64).collect())
    }

    /// What is to be known besides.
    pub fn notes(&self) -> String {
        let failed = self.failed.iter();
        failed.map(|((runtime, work), why)| format!("{runtime} has no {}: {why}\n", work.0)).collect()
    }
}

fn row(program: &Path, runtime: &str, (workload, n): Work) -> Result<Row> {
    let mut command = Command::new(program);
    command.args([runtime, workload]).args(n.map(|n| n.to_string()));
    let (mut found, mut last) = (None, String::new());
    let ended = process::stream(runtime, &mut command, LIMIT, |line| match Row::parse(line) {
        Some(row) => found = Some(row),
        None if line.trim().is_empty() => {}
        None => line.trim().clone_into(&mut last),
    })?;
    match ended {
        Ended::Exited(status) if status.success() => found.context("it told no number"),
        Ended::Exited(status) => anyhow::bail!("{status}, `{last}`"),
        Ended::TimedOut(_) => anyhow::bail!("not done after {} s", LIMIT.as_secs()),
    }
}
