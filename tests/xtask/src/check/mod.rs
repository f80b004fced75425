//! `cargo xtask check`: formatting, lints, documentation and builds, for every feature set and target.

mod step;
mod steps;

use crate::suite::{Cases, Options, nostd};
use crate::{setup, workspace};
use anyhow::Result;
use std::process::Command;

/// Runs every step, whatever the ones before came to.
pub fn run() -> Result<bool> {
    setup::ensure_component("fmt", "rustfmt")?;
    setup::ensure_component("clippy", "clippy")?;
    let options = Options::default();
    let mut cases = Cases::new(&options);
    cases.run("formatting", || step::finish(workspace::cargo().args(["fmt", "--all", "--", "--check"])));
    for lint in steps::HOST {
        lint.run(&mut cases);
    }
    for (target, lint) in steps::on_targets() {
        lint.run_on(target, &mut cases);
    }
    for (package, features) in steps::DOCUMENTED {
        cases.run(&format!("documentation of {package}"), || {
            step::finish(&mut documentation(package, features))
        });
    }
    nostd::run(&mut cases)?;

    let total = cases.finish();
    crate::test::report(&[], &total);
    Ok(total.failed == 0)
}

fn documentation(package: &str, features: &str) -> Command {
    let mut command = workspace::cargo();
    command.args(["doc", "--no-deps", "--package", package, "--features", features]);
    command.arg("--target-dir").arg(workspace::target_dir()).env("RUSTDOCFLAGS", "-D warnings");
    command
}
