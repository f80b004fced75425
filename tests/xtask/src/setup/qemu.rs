//! QEMU's system emulators.

use super::apt;
use anyhow::{Result, bail};
use std::process::{Command, Stdio};

/// `qemu-utils` is only recommended, large, and of no use here.
const PACKAGES: [&str; 3] = ["qemu-system-arm", "qemu-system-misc", "qemu-utils-"];

/// Makes sure that an emulator such as `qemu-system-arm` is there.
pub fn ensure(program: &str) -> Result<()> {
    if works(program) {
        return Ok(());
    }
    apt::install("QEMU", &PACKAGES)?;
    if !works(program) {
        bail!("{program} does not start even though its package is installed");
    }
    Ok(())
}

fn works(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
