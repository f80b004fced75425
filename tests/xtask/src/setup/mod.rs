//! Getting what a fresh machine lacks: QEMU, the standard library of other targets, and tools that watch memory.
//!
//! Each thing is looked for first, so on a machine that has it nothing is installed and nothing is downloaded.

mod apt;
mod component;
mod debian;
mod nightly;
mod qemu;
mod target;
mod valgrind;

pub use component::ensure as ensure_component;
pub use nightly::{NIGHTLY, ensure as ensure_nightly, ensure_sanitizer};
pub use qemu::ensure as ensure_qemu;
pub use target::{Need, Target, Toolchain, ensure as ensure_target};
pub use valgrind::ensure as ensure_valgrind;

use std::process::{Command, Stdio};

/// With this set, rustup and what it installed count as absent, so that what comes after them can be tried out.
const NO_RUSTUP: &str = "EVERLOOP_XTASK_NO_RUSTUP";

fn rustup_allowed() -> bool {
    std::env::var_os(NO_RUSTUP).is_none()
}

/// Whether a command can be run and ends well; what it prints is thrown away.
fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
