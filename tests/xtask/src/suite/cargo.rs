//! A run of `cargo test`.

use super::Options;
use crate::workspace;
use std::process::Command;
use std::time::Duration;

/// How long one run may take, with its build: a hang must not eat the whole time of a CI run.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// How many times a loom test may switch threads against their will: all schedules would take days.
const LOOM_PREEMPTIONS: &str = "3";
/// The same with `--long`.
const LOOM_PREEMPTIONS_LONG: &str = "4";

/// What is tested and how; extended by chaining in a `static`.
pub struct CargoTest {
    package: &'static str,
    features: Option<&'static str>,
    docs: bool,
    loom: bool,
    briefly: bool,
}

impl CargoTest {
    /// A package's tests with its default features.
    pub const fn of(package: &'static str) -> Self {
        Self { package, features: None, docs: false, loom: false, briefly: false }
    }

    /// Exactly these features.
    pub const fn features(self, features: &'static str) -> Self {
        Self { features: Some(features), ..self }
    }

    /// The examples in its documentation too; only a package with a library has them.
    pub const fn with_docs(self) -> Self {
        Self { docs: true, ..self }
    }

    /// The test program `loom`, with `cfg(loom)`.
    pub const fn loom(self) -> Self {
        Self { loom: true, ..self }
    }

    /// A tenth of the random programs and trees: another run has all of them.
    pub const fn briefly(self) -> Self {
        Self { briefly: true, ..self }
    }

    /// What is tested, for messages.
    pub fn title(&self) -> String {
        match self.features {
            None => self.package.to_owned(),
            Some(features) => format!("{} ({features})", self.package),
        }
    }

    /// How long each command may take.
    pub fn limit(&self) -> Duration {
        LIMIT
    }

    /// The commands: documentation's examples are a second one.
    ///
    /// `--long` includes what is marked `#[ignore]`; an example so marked is one that can't be run at all.
    pub fn commands(&self, options: &Options) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut tests = self.command(options);
        tests.args(if self.loom { ["--test", "loom"].as_slice() } else { ["--tests"].as_slice() });
        tests.arg("--");
        tests.args(options.filter.as_deref());
        if options.long {
            tests.arg("--include-ignored");
        }
        commands.push(tests);
        if self.docs {
            let mut docs = self.command(options);
            docs.args(["--doc", "--"]).args(options.filter.as_deref());
            commands.push(docs);
        }
        commands
    }

    fn command(&self, options: &Options) -> Command {
        let mut command = workspace::cargo();
        command.args(["test", "--no-fail-fast", "--package", self.package]);
        if let Some(features) = self.features {
            command.args(["--no-default-features", "--features", features]);
        }
        let dir = workspace::target_dir();
        if self.loom {
            // Its own folder: other flags rebuild everything, and would throw out what the other runs share.
            command.arg("--release").arg("--target-dir").arg(dir.join("loom"));
            command.env("RUSTFLAGS", "--cfg loom");
            let preemptions = if options.long { LOOM_PREEMPTIONS_LONG } else { LOOM_PREEMPTIONS };
            command.env("LOOM_MAX_PREEMPTIONS", preemptions);
        } else {
            command.arg("--target-dir").arg(dir);
        }
        if options.long {
            command.env("EVERLOOP_LONG", "1");
        } else if self.briefly {
            command.envs([("CASES", "2000"), ("TREES", "10000")]);
        }
        command
    }
}
