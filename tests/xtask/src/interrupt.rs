//! Ctrl-C and a request to terminate: kill every child, then leave.
//!
//! The children are in process groups of their own (see [`crate::process`]), so the terminal's signal does not reach
//! them; this does.

use crate::process;
use anyhow::{Context, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a shell reports for a command that SIGINT ended.
const EXIT_INTERRUPTED: i32 = 130;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Handles SIGINT, SIGTERM and SIGHUP from here on.
pub fn install() -> Result<()> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        process::kill_all();
        eprintln!("\ninterrupted");
        std::process::exit(EXIT_INTERRUPTED);
    })
    .context("could not install the handler for Ctrl-C")
}

/// Lets the handler finish when it has begun, so that the failures it causes are not reported as failures.
pub fn wait_if_interrupted() {
    if INTERRUPTED.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_secs(10));
    }
}
