//! The loop that the calling context is running.

use crate::EventLoop;
use crate::shim;

/// Calls `f` with the running loop, or gives `None` outside one and in interrupt handlers that are not a loop.
#[inline]
pub(crate) fn with<T>(f: impl FnOnce(&EventLoop) -> T) -> Option<T> {
    let l = shim::current().cast::<EventLoop>();
    if l.is_null() {
        return None;
    }
    // SAFETY: invariant RUNNING of `EventLoop`: the slot is only set, by `Entered`, to a loop that this context
    // runs, and restored before that loop is released; `f` can't keep the reference.
    Some(f(unsafe { &*l }))
}

/// Whether `l` is the loop that the calling context runs, so that its local state may be touched.
#[inline]
pub(crate) fn is(l: *const EventLoop) -> bool {
    shim::current().cast::<EventLoop>() == l
}

/// Whether the calling context runs a loop, which must not be blocked.
#[cfg(feature = "std")]
pub(crate) fn is_any() -> bool {
    !shim::current().is_null()
}

/// While it lives, its loop is the current one. The slot is restored when it is dropped, so that loops nest.
pub(crate) struct Entered {
    before: *const (),
}

impl Entered {
    /// # Safety
    /// `l` is run by this context and outlives the guard, which is dropped in the reverse order of others.
    pub(crate) unsafe fn new(l: *const EventLoop) -> Self {
        Self { before: shim::set_current(l.cast()) }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        shim::set_current(self.before);
    }
}
