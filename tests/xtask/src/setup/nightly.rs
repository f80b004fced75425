//! The nightly toolchain, which alone has Miri and the sanitizers. Nothing else is built with it.

use super::{one_at_a_time, rustup_allowed};
use crate::process;
use anyhow::{Context, Result, bail, ensure as ensure_that};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Its name for rustup.
pub const NIGHTLY: &str = "nightly";

/// How long a download may take.
const LIMIT: Duration = Duration::from_secs(600);

/// Makes sure that it is there with these components.
pub fn ensure(components: &[&str]) -> Result<()> {
    let _alone = one_at_a_time();
    ensure_that!(rustup_allowed(), "the nightly toolchain is got by rustup only");
    if sysroot().is_err() {
        println!("installing the nightly toolchain");
        rustup(&["toolchain", "install", NIGHTLY, "--profile", "minimal"])?;
    }
    let has = |component: &str| -> Result<bool> {
        let list = ["component", "list", "--toolchain", NIGHTLY, "--installed"];
        let installed = process::output(Command::new("rustup").args(list))?;
        Ok(installed.lines().any(|line| line.starts_with(component)))
    };
    for component in components {
        if !has(component)? {
            println!("installing {component} for nightly");
            rustup(&["component", "add", component, "--toolchain", NIGHTLY])?;
        }
    }
    Ok(())
}

/// Makes sure that it has a sanitizer's run time for this machine, such as `asan`.
pub fn ensure_sanitizer(name: &str, host: &str) -> Result<()> {
    let dir = Path::new(&sysroot()?).join("lib/rustlib").join(host).join("lib");
    let part = format!("rt.{name}");
    let mut files = dir.read_dir().with_context(|| format!("could not read {}", dir.display()))?;
    let found = files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().contains(&part)));
    ensure_that!(found, "nightly has no {name} for {host}");
    Ok(())
}

fn sysroot() -> Result<String> {
    process::output(Command::new("rustup").args(["run", NIGHTLY, "rustc", "--print", "sysroot"]))
}

fn rustup(args: &[&str]) -> Result<()> {
    let mut command = Command::new("rustup");
    match process::inherit(command.args(args), LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("`rustup {}` failed ({status})", args.join(" ")),
        None => bail!("`rustup {}` took longer than {} minutes", args.join(" "), LIMIT.as_secs() / 60),
    }
}
