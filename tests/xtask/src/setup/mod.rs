//! Getting what a fresh machine lacks: QEMU, the standard library of other targets, and tools that watch memory.
//!
//! Each thing is looked for first, so on a machine that has it nothing is installed and nothing is downloaded.

mod apt;
mod component;
mod crates;
mod debian;
mod nightly;
mod qemu;
mod target;
mod valgrind;
mod wine;

pub use component::ensure as ensure_component;
pub use crates::ensure as ensure_subcommand;
pub use nightly::{NIGHTLY, ensure as ensure_nightly, ensure_sanitizer};
pub use qemu::ensure as ensure_qemu;
pub use target::{Need, Target, Toolchain, ensure as ensure_target};
pub use valgrind::ensure as ensure_valgrind;
pub use wine::Wine;

use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// With this set, rustup and what it installed count as absent, so that what comes after them can be tried out.
const NO_RUSTUP: &str = "EVERLOOP_XTASK_NO_RUSTUP";

fn rustup_allowed() -> bool {
    std::env::var_os(NO_RUSTUP).is_none()
}

/// Held while something is looked for and installed: two suites may lack it at the same time.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a command can be run and ends well; what it prints is thrown away.
fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
