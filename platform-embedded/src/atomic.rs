//! Atomics, also for parts without compare-and-swap.

#[cfg(target_has_atomic = "ptr")]
pub(crate) use core::sync::atomic::*;
#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) use portable_atomic::*;
