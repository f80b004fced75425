//! Getting what a fresh machine lacks: QEMU and the standard library of other targets.
//!
//! Each thing is looked for first, so on a machine that has it nothing is installed and nothing is downloaded.

mod apt;
mod component;
mod debian;
mod qemu;
mod target;

pub use component::ensure as ensure_component;
pub use qemu::ensure as ensure_qemu;
pub use target::{Need, Target, Toolchain, ensure as ensure_target};

/// With this set, rustup and what it installed count as absent, so that what comes after them can be tried out.
const NO_RUSTUP: &str = "EVERLOOP_XTASK_NO_RUSTUP";

fn rustup_allowed() -> bool {
    std::env::var_os(NO_RUSTUP).is_none()
}
