//! A run of `cargo test` under a tool that watches memory.

#[cfg(test)]
mod tests;

use super::{Options, Watcher};
use anyhow::Result;
use std::process::Command;
use std::time::Duration;

/// How long one command may take, with its build.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// What is tested, and what of it; extended by chaining in a `static`.
pub struct CheckedTest {
    watcher: Watcher,
    package: &'static str,
    features: Option<&'static str>,
    programs: &'static [&'static str],
    subset: &'static [&'static str],
    leaks: bool,
    leaking: &'static [(&'static str, &'static str)],
    left_out: &'static [(&'static str, &'static str)],
    seeds: u64,
}

/// One command's part of the tests.
#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    /// The test programs; none stands for all.
    programs: Vec<&'a str>,
    /// Only tests whose name contains one of these; none stands for all.
    filters: Vec<&'a str>,
    /// Whether leaks are errors; then those that leak on purpose are left out.
    leaks: bool,
}

impl CheckedTest {
    /// All tests of a package with its default features.
    pub const fn of(watcher: Watcher, package: &'static str) -> Self {
        let (programs, subset): (&[&str], &[&str]) = (&[], &[]);
        let leaking: &[(&str, &str)] = &[];
        Self {
            watcher,
            package,
            features: None,
            programs,
            subset,
            leaks: true,
            leaking,
            left_out: &[],
            seeds: 1,
        }
    }

    /// Exactly these features.
    pub const fn features(self, features: &'static str) -> Self {
        Self { features: Some(features), ..self }
    }

    /// Only these test programs.
    pub const fn programs(self, programs: &'static [&'static str]) -> Self {
        Self { programs, ..self }
    }

    /// Without `--long` and a filter, only tests whose name contains one of these.
    pub const fn subset(self, subset: &'static [&'static str]) -> Self {
        Self { subset, ..self }
    }

    /// Leaks are not looked for: the tests leak what must live as long as the program.
    pub const fn with_leaks(self) -> Self {
        Self { leaks: false, ..self }
    }

    /// These tests, each with its program, leak on purpose; in all others leaks are looked for.
    pub const fn leaking(self, leaking: &'static [(&'static str, &'static str)]) -> Self {
        Self { leaking, ..self }
    }

    /// These tests are skipped, each for a reason that is told.
    pub const fn left_out(self, left_out: &'static [(&'static str, &'static str)]) -> Self {
        Self { left_out, ..self }
    }

    /// With `--long`, Miri goes through so many schedules.
    pub const fn seeds(self, seeds: u64) -> Self {
        Self { seeds, ..self }
    }

    /// What is tested, for messages.
    pub fn title(&self) -> String {
        format!("{} under {}", self.package, self.watcher.name())
    }

    /// How long each command may take.
    pub fn limit(&self) -> Duration {
        LIMIT
    }

    /// The commands; an error says why the tool can't be had.
    pub fn commands(&self, options: &Options) -> Result<Vec<Command>> {
        self.watcher.ensure()?;
        let seeds = if options.long { self.seeds } else { 1 };
        let mut commands = Vec::new();
        for seed in 0..seeds {
            for part in self.parts(options) {
                commands.push(self.command(&part, options, seed)?);
            }
        }
        Ok(commands)
    }

    /// What is skipped, with the reason.
    pub fn skips(&self, options: &Options) -> impl Iterator<Item = String> {
        let filter = options.filter.as_deref();
        let wanted =
            self.left_out.iter().filter(move |(test, _)| filter.is_none_or(|text| test.contains(text)));
        // Not one by one: the other watchers run them.
        let leaking = (!self.leaking.is_empty() && !self.runs_leaking(options)).then(|| {
            format!(
                "{} tests that leak on purpose: only with --long, which reads the programs again",
                self.leaking.len()
            )
        });
        wanted.map(|(test, why)| format!("{test}: {why}")).chain(leaking)
    }

    fn parts<'a>(&self, options: &'a Options) -> Vec<Part<'a>> {
        let filter = options.filter.as_deref();
        let main = |filters| Part { programs: self.programs.to_vec(), filters, leaks: self.leaks };
        let mut parts: Vec<_> = match (filter, self.subset) {
            // One each, since not every harness understands several filters.
            (None, subset @ [_, ..]) if !options.long => {
                subset.iter().map(|name| main(vec![*name])).collect()
            }
            _ => vec![main(filter.into_iter().collect())],
        };
        if self.leaks_apart() && self.runs_leaking(options) {
            let wanted =
                self.leaking.iter().filter(|(_, test)| filter.is_none_or(|text| test.contains(text)));
            let (mut programs, filters): (Vec<_>, Vec<_>) = wanted.copied().unzip();
            programs.dedup();
            if !filters.is_empty() {
                parts.push(Part { programs, filters, leaks: false });
            }
        }
        parts
    }

    /// Miri reads and checks a whole program before its first test, which takes it minutes.
    fn runs_leaking(&self, options: &Options) -> bool {
        self.watcher != Watcher::Miri || options.long || options.filter.is_some()
    }

    fn leaks_apart(&self) -> bool {
        self.leaks && self.watcher.finds_leaks()
    }

    fn command(&self, part: &Part<'_>, options: &Options, seed: u64) -> Result<Command> {
        let mut command = self.watcher.cargo_test(part.leaks, seed)?;
        command.args(["--no-fail-fast", "--package", self.package]);
        if let Some(features) = self.features {
            command.args(["--no-default-features", "--features", features]);
        }
        if part.programs.is_empty() {
            command.arg("--tests");
        }
        for program in &part.programs {
            command.args(["--test", program]);
        }
        command.arg("--").args(&part.filters);
        for (test, _) in self.left_out {
            command.args(["--skip", test]);
        }
        if part.leaks && self.leaks_apart() {
            for (_, test) in self.leaking {
                command.args(["--skip", test]);
            }
        }
        command.env("TREES", self.watcher.trees(options.long).to_string());
        command.env("CASES", self.watcher.cases(options.long).to_string());
        if self.watcher.is_slow() {
            command.env("EVERLOOP_WATCHED", "1");
        }
        Ok(command)
    }
}
