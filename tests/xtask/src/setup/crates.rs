//! Subcommands of cargo's that are programs of their own, from the registry.

use super::one_at_a_time;
use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::time::Duration;

/// How long the build of one may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Makes sure that `cargo NAME` works, which the package `cargo-NAME` brings.
pub fn ensure(name: &str) -> Result<()> {
    let _alone = one_at_a_time();
    let works = || process::output(workspace::cargo().args([name, "--version"])).is_ok();
    if works() {
        return Ok(());
    }
    let package = format!("cargo-{name}");
    println!("installing {package}");
    let target = workspace::target_dir().join("install");
    let mut install = workspace::cargo();
    install.args(["install", "--locked", &package]).arg("--target-dir").arg(&target);
    let installed = process::inherit(&mut install, LIMIT)?;
    // Whatever came of it, hundreds of megabytes that nobody needs again.
    std::fs::remove_dir_all(&target).with_context(|| format!("could not remove {}", target.display()))?;
    if !matches!(installed, Some(status) if status.success()) || !works() {
        bail!("{package} is missing and could not be installed");
    }
    Ok(())
}
