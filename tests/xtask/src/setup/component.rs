//! Parts of the toolchain that a minimal install leaves out: clippy and rustfmt.

use super::{one_at_a_time, rustup_allowed};
use crate::{process, workspace};
use anyhow::{Result, bail};
use std::process::Command;
use std::time::Duration;

/// How long a download may take.
const LIMIT: Duration = Duration::from_secs(300);

/// Makes sure that `cargo SUBCOMMAND` works, which rustup's `component` brings.
pub fn ensure(subcommand: &str, component: &str) -> Result<()> {
    let _alone = one_at_a_time();
    let works = || process::output(workspace::cargo().args([subcommand, "--version"])).is_ok();
    if works() {
        return Ok(());
    }
    if rustup_allowed() {
        println!("installing {component}");
        let mut rustup = Command::new("rustup");
        let added = process::inherit(rustup.args(["component", "add", component]), LIMIT);
        if matches!(added, Ok(Some(status)) if status.success()) && works() {
            return Ok(());
        }
    }
    bail!("`cargo {subcommand}` is missing; please install the toolchain's component {component}")
}
