use crate::load::Sleeps;
use std::sync::{Condvar, Mutex, PoisonError};

/// A place where a loop sleeps until it is woken, by another thread.
pub(crate) struct Idle {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Idle {
    pub(crate) const fn new() -> Self {
        Self { woken: Mutex::new(false), changed: Condvar::new() }
    }

    /// Ends a sleep, or the next one if nobody sleeps. From any thread.
    pub(crate) fn wake(&self) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }

    /// Whether it was woken since the last call.
    pub(crate) fn take(&self) -> bool {
        core::mem::take(&mut *self.woken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sleeps until it is woken. Returns at once if it was woken.
    pub(crate) fn sleep(&self, counted: &Sleeps) {
        counted.fall_asleep();
        let woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_while(woken, |woken| !*woken));
        counted.wake_up();
    }
}
