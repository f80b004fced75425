use crate::arch;
use crate::atomic::{self, AtomicBool, Ordering};
use crate::load::Sleeps;

/// A place where a loop sleeps until it is woken, by an interrupt handler or by another core.
pub(crate) struct Idle {
    woken: AtomicBool,
}

impl Idle {
    pub(crate) const fn new() -> Self {
        Self { woken: AtomicBool::new(false) }
    }

    /// Ends a sleep, or the next one if nobody sleeps. From any context.
    pub(crate) fn wake(&self) {
        self.woken.store(true, Ordering::Release);
        arch::notify();
    }

    /// Whether it was woken since the last call.
    pub(crate) fn take(&self) -> bool {
        atomic::take(&self.woken)
    }

    /// Sleeps until it is woken, or any interrupt comes. Returns at once if it was woken.
    pub(crate) fn sleep(&self, counted: &Sleeps) {
        arch::wait_unless(|| self.woken.load(Ordering::Acquire), counted);
    }
}
