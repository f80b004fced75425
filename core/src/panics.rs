//! What becomes of a panic of foreign code among many.

use core::task::Waker;

use crate::{event_loop, shim, task};

/// Wakes on behalf of the runtime, not of the code that is running. A panic of a foreign waker goes to the handler of the
/// running loop, and stops nothing.
pub(crate) fn wake(waker: Waker) {
    if let Some(waker) = foreign(waker)
        && let Err(payload) = shim::catch(|| waker.wake())
    {
        event_loop::unhandled(payload);
    }
}

/// Wakes by the waker of a task of the running loop: that runs no foreign code, so there is nothing to catch. Gives any
/// other back.
#[cfg_attr(feature = "std", inline)]
fn foreign(waker: Waker) -> Option<Waker> {
    if shim::CATCHES { task::wake_own(waker) } else { Some(waker) }
}

/// Drops a waker of whoever waits, as [`wake`] wakes one: no panic of it takes along what its owner has just got.
pub(crate) fn drop_waker(waker: Waker) {
    if let Err(payload) = shim::catch(|| drop(waker)) {
        event_loop::unhandled(payload);
    }
}

/// Goes on past panics, to let the first of them out at the end.
pub(crate) struct Panics(Option<shim::Payload>);

impl Panics {
    pub(crate) fn new() -> Self {
        Self(None)
    }

    pub(crate) fn catch(&mut self, f: impl FnOnce()) {
        if let Err(payload) = shim::catch(f) {
            match &self.0 {
                None => self.0 = Some(payload),
                Some(_) => shim::discard(payload),
            }
        }
    }

    /// Wakes.
    pub(crate) fn wake(&mut self, waker: Waker) {
        if let Some(waker) = foreign(waker) {
            self.catch(|| waker.wake());
        }
    }

    pub(crate) fn resume(self) {
        if let Some(payload) = self.0 {
            shim::resume(payload);
        }
    }
}
