//! Atomics, also for parts without compare-and-swap.

#[cfg(target_has_atomic = "ptr")]
pub(crate) use core::sync::atomic::*;
#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) use portable_atomic::*;

/// Whether the flag was set since the last call. It mostly is not, and a load is cheaper; the swap sees all that led to the
/// setting, also of one that it overtakes.
pub(crate) fn take(flag: &AtomicBool) -> bool {
    flag.load(Ordering::Relaxed) && flag.swap(false, Ordering::AcqRel)
}
