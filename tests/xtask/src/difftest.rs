//! `cargo xtask difftest`: the same random program on CPython and on everloop.

use crate::process;
use crate::suite::Cases;
use crate::workspace;
use anyhow::{Result, bail};
use std::process::Command;
use std::time::Duration;

/// How many programs the suite runs, and of which seed.
const PROGRAMS: &str = "10000";
const SEED: &str = "1";
/// How long that may take, with the build.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// A million programs take hours.
const LONG_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The program, optimized: it runs millions of futures.
fn program(options: &[String]) -> Command {
    let mut command = workspace::cargo();
    command.args([
        "run",
        "--release",
        "--package",
        "everloop-difftest",
        "--features",
        "host",
        "--bin",
        "difftest",
    ]);
    command.arg("--target-dir").arg(workspace::target_dir()).arg("--").args(options);
    command
}

/// With these options of the program's own.
pub fn run(options: &[String]) -> Result<bool> {
    Ok(process::inherit(&mut program(options), LONG_LIMIT)?.is_some_and(|status| status.success()))
}

/// The suite.
pub fn suite(cases: &mut Cases<'_>) -> Result<()> {
    let python = Command::new(std::env::var_os("PYTHON").unwrap_or_else(|| "python3.11".into()))
        .arg("--version")
        .output();
    let name = format!("difftest::{PROGRAMS} programs of seed {SEED} agree with CPython");
    if python.is_err() {
        cases.skip(&name, "there is no python3.11; the environment variable PYTHON may name one");
        return Ok(());
    }
    cases.run(&name, || {
        let options = ["--programs", PROGRAMS, "--seed", SEED, "--most", "3"].map(str::to_owned);
        match process::inherit(&mut program(&options), LIMIT)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("{status}: see above for what does not agree"),
            None => bail!("not done after {} s", LIMIT.as_secs()),
        }
    });
    Ok(())
}
