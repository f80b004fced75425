//! Valgrind, for memcheck.

use super::{apt, one_at_a_time, succeeds};
use anyhow::{Result, bail};
use std::process::Command;

/// It looks into the C library by the symbols of the second.
const PACKAGES: [&str; 2] = ["valgrind", "libc6-dbg"];

/// Makes sure that it is there and can run a program.
pub fn ensure() -> Result<()> {
    let _alone = one_at_a_time();
    if works() {
        return Ok(());
    }
    apt::install("valgrind", &PACKAGES)?;
    if !works() {
        bail!("valgrind can't run a program even though its package is installed");
    }
    Ok(())
}

fn works() -> bool {
    succeeds(Command::new("valgrind").args(["--quiet", "true"]))
}
