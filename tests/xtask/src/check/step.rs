//! One step of the check.

use crate::setup::{self, Need, Target, Toolchain};
use crate::suite::Cases;
use crate::{process, workspace};
use anyhow::{Result, bail};
use std::process::Command;
use std::time::Duration;

/// How long one step may take.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// A package's lints with one feature set.
pub struct Lint {
    package: &'static str,
    features: Option<&'static str>,
    tests: bool,
}

impl Lint {
    /// With the default features.
    pub const fn of(package: &'static str) -> Self {
        Self { package, features: None, tests: false }
    }

    /// With exactly these features.
    pub const fn features(self, features: &'static str) -> Self {
        Self { features: Some(features), ..self }
    }

    /// The package's tests and examples too.
    pub const fn with_tests(self) -> Self {
        Self { tests: true, ..self }
    }

    /// Runs it on this machine.
    pub fn run(&self, cases: &mut Cases<'_>) {
        cases.run(&self.title("lints"), || {
            let mut command = workspace::cargo();
            command.arg("clippy");
            self.lint(command, &Toolchain::Installed)
        });
    }

    /// Runs it for another target.
    pub fn run_on(&self, target: &Target, cases: &mut Cases<'_>) {
        let title = format!("{} for {}", self.title("lints"), target.triple);
        match setup::ensure_target(target) {
            Err(error) if target.need == Need::Optional => cases.skip(&title, &format!("{error:#}")),
            Err(error) => cases.run(&title, || Err(error)),
            Ok(toolchain @ Toolchain::Installed) => {
                cases.run(&title, || self.lint(toolchain.cargo("clippy", target), &toolchain));
            }
            Ok(toolchain @ Toolchain::Debian(_)) => {
                cases.skip(&title, "only Debian's compiler has this target, and clippy is not for that one");
                let title = format!("{} for {}", self.title("types"), target.triple);
                let mut command = toolchain.cargo("check", target);
                self.common(&mut command, &toolchain);
                cases.run(&title, || finish(&mut command));
            }
        }
    }

    fn title(&self, what: &str) -> String {
        match self.features {
            None => format!("{what} of {}", self.package),
            Some("") => format!("{what} of {} (no features)", self.package),
            Some(features) => format!("{what} of {} ({features})", self.package),
        }
    }

    fn lint(&self, mut command: Command, toolchain: &Toolchain) -> Result<()> {
        self.common(&mut command, toolchain);
        finish(command.args(["--", "-D", "warnings"]))
    }

    fn common(&self, command: &mut Command, toolchain: &Toolchain) {
        command.args(["--quiet", "--package", self.package]);
        command.arg("--target-dir").arg(toolchain.target_dir());
        if self.tests {
            command.arg("--all-targets");
        }
        if let Some(features) = self.features {
            command.args(["--no-default-features", "--features", features]);
        }
    }
}

/// Runs a command that must succeed.
pub fn finish(command: &mut Command) -> Result<()> {
    match process::inherit(command, LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("`{}` failed ({status})", workspace::shown(command)),
        None => bail!("`{}` took longer than {} minutes", workspace::shown(command), LIMIT.as_secs() / 60),
    }
}
