//! What a platform gives to core: a clock and a place to wait. See `ARCHITECTURE.md`, "The seam".

use core::task::Waker;

use crate::{Instant, panics};

/// How long a loop with nothing left to run may wait for input or a wake-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Tasks are ready: collect what input there is and return at once.
    Poll,
    /// Wait for input or an unpark, but not past this instant: the loop's earliest timer.
    Until(Instant),
    /// No timer is set: wait for input or an unpark.
    Forever,
}

/// A clock and a place to wait, of one event loop on one thread or at one interrupt level.
///
/// The third thing a platform owes, a way to end the wait from another thread or from an interrupt, is the
/// [`Waker`](core::task::Waker) given to [`EventLoop::new`](crate::EventLoop::new). It is separate because
/// wakers of tasks can outlive the platform value, and so must it.
///
/// Everything here is called on the loop's own thread only.
pub trait Platform {
    /// The time now, in core's ticks. Never goes backwards.
    fn now(&self) -> Instant;

    /// Waits as `wait` says, and wakes the tasks whose input has come.
    ///
    /// May return early, also for no reason. Must return soon, possibly at once, when the loop's unparker was
    /// woken since the last return, even if that happened before this call. Must not run tasks.
    fn park(&self, wait: Wait);

    /// Whether [`pick`](Self::pick) chooses among the ready tasks. Asked once a run.
    fn shuffles(&self) -> bool {
        false
    }

    /// Which of the `ready` tasks that are left of a turn runs next, counted from the one that became ready first. For
    /// tests that shake out races; a platform that does not [shuffle](Self::shuffles) is not asked, and all run first come
    /// first served.
    fn pick(&self, ready: usize) -> usize {
        let _ = ready;
        0
    }

    /// Who is told of the polls of `task`, whose first is about to begin; nobody if not said otherwise. It is asked once
    /// for each task, from the loop itself, also inside another task's poll.
    #[cfg(feature = "hooks")]
    fn observer(&self, task: &crate::TaskInfo) -> Option<alloc::boxed::Box<dyn crate::TaskObserver>> {
        let _ = task;
        None
    }
}

/// Wakes on behalf of a platform whose input has come, by a waker that may be another crate's: if it panics, the exception
/// handler of the running loop is told, and the platform goes on to wake others. Where panics can't be caught it wakes.
///
/// ```
/// use everloop_core::platform;
/// use std::task::Waker;
///
/// // Of nobody: nothing happens.
/// platform::wake(Waker::noop().clone());
/// ```
pub fn wake(waker: Waker) {
    panics::wake(waker);
}

impl<P: Platform + ?Sized> Platform for &P {
    fn now(&self) -> Instant {
        (**self).now()
    }

    fn park(&self, wait: Wait) {
        (**self).park(wait);
    }

    fn shuffles(&self) -> bool {
        (**self).shuffles()
    }

    fn pick(&self, ready: usize) -> usize {
        (**self).pick(ready)
    }

    #[cfg(feature = "hooks")]
    fn observer(&self, task: &crate::TaskInfo) -> Option<alloc::boxed::Box<dyn crate::TaskObserver>> {
        (**self).observer(task)
    }
}
