#[cfg(target_has_atomic = "ptr")]
use core::sync::atomic;
#[cfg(not(target_has_atomic = "ptr"))]
use portable_atomic as atomic;

#[cfg(feature = "alloc")]
pub(crate) use atomic::AtomicI32;
pub(crate) use atomic::{AtomicBool, AtomicPtr, AtomicU8};

/// A cell of one context at a time, of whatever more than one may have a pointer to: loom watches that they keep to it.
pub(crate) use core::cell::Cell;
pub(crate) use core::sync::atomic::Ordering;

/// How often it was called, this time included: a number that tells what is made in this program apart.
pub(crate) fn next_number() -> u32 {
    static LAST: atomic::AtomicU32 = atomic::AtomicU32::new(0);
    LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
}

/// What a model checker needs before an atomic is seen by others; nothing anywhere else.
#[cfg(feature = "alloc")]
pub(crate) trait Materialize {
    #[inline]
    fn materialize(&self) {}
}

#[cfg(feature = "alloc")]
impl<T> Materialize for T {}

/// The lock under `Shared` primitives: held for a few loads and stores at a time, never across foreign code.
#[cfg(feature = "std")]
pub struct RawLock(std::sync::Mutex<()>);

#[cfg(feature = "std")]
impl RawLock {
    pub(crate) const fn new() -> Self {
        Self(std::sync::Mutex::new(()))
    }

    pub(crate) fn with<T>(&self, f: impl FnOnce() -> T) -> T {
        // Poisoning is of no use here: what the lock guards is consistent after each store.
        let _guard = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        f()
    }
}

/// The lock under `Shared` primitives: a critical section, so that interrupts may use them too.
#[cfg(not(feature = "std"))]
pub struct RawLock(());

#[cfg(not(feature = "std"))]
impl RawLock {
    pub(crate) const fn new() -> Self {
        Self(())
    }

    pub(crate) fn with<T>(&self, f: impl FnOnce() -> T) -> T {
        critical_section::with(|_| f())
    }
}
