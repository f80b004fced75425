//! QEMU's system emulators.

use super::{apt, one_at_a_time, succeeds};
use anyhow::{Result, bail};
use std::process::Command;

/// `qemu-utils` is only recommended, large, and of no use here.
const PACKAGES: [&str; 3] = ["qemu-system-arm", "qemu-system-misc", "qemu-utils-"];

/// Makes sure that an emulator such as `qemu-system-arm` is there.
pub fn ensure(program: &str) -> Result<()> {
    let _alone = one_at_a_time();
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
    succeeds(Command::new(program).arg("--version"))
}
