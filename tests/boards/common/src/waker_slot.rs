//! A waker left for an interrupt handler.

use core::cell::Cell;
use core::task::Waker;
use critical_section::Mutex;

/// Holds the waker of whoever waits for an interrupt; one waiter at a time.
pub struct WakerSlot(Mutex<Cell<Option<Waker>>>);

impl WakerSlot {
    /// Nobody waits.
    pub const fn new() -> Self {
        Self(Mutex::new(Cell::new(None)))
    }

    /// Leaves a waker in place of the one that was there. As ever: register first, then look whether to wait.
    pub fn register(&self, waker: &Waker) {
        // Wakers are cloned, dropped and woken outside of the critical section: that code is not ours.
        let before = self.take();
        let next = before.filter(|old| old.will_wake(waker)).unwrap_or_else(|| waker.clone());
        let _replaced = critical_section::with(|cs| self.0.borrow(cs).replace(Some(next)));
    }

    /// Wakes whoever waits, once.
    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }

    fn take(&self) -> Option<Waker> {
        critical_section::with(|cs| self.0.borrow(cs).take())
    }
}

impl Default for WakerSlot {
    fn default() -> Self {
        Self::new()
    }
}
