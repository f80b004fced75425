use core::cell::Cell;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr;
use core::task::Waker;

use crate::{EventLoop, Instant, current, waker_cell};

/// One deadline and who is woken then, pinned inside the future that waits for it.
pub(crate) struct Timer {
    pub(super) deadline: Cell<Instant>,
    pub(super) child: Cell<*const Timer>,
    pub(super) next: Cell<*const Timer>,
    pub(super) prev: Cell<*const Timer>,
    pub(super) sequence: Cell<u32>,
    /// The loop whose heap it is in; null if it is in none.
    home: Cell<*const EventLoop>,
    waker: Cell<Option<Waker>>,
    _pin: PhantomPinned,
}

impl Timer {
    pub(crate) const fn new() -> Self {
        Self {
            deadline: Cell::new(Instant::FAR_FUTURE),
            child: Cell::new(ptr::null()),
            next: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
            sequence: Cell::new(0),
            home: Cell::new(ptr::null()),
            waker: Cell::new(None),
            _pin: PhantomPinned,
        }
    }

    /// Has `waker` woken at `deadline`, by the running loop. Does nothing outside one, and never wakes for
    /// [`Instant::FAR_FUTURE`].
    pub(crate) fn set(self: Pin<&Self>, deadline: Instant, waker: &Waker) {
        waker_cell::refresh(&self.waker, waker);
        current::with(|l| {
            let set = !self.home.get().is_null();
            if set && self.deadline.get() == deadline && ptr::eq(self.home.get(), l) {
                return;
            }
            self.unlink();
            self.deadline.set(deadline);
            if deadline < Instant::FAR_FUTURE && !l.is_closed() {
                self.home.set(l);
                // SAFETY: it is pinned and in no heap, and unlinks itself when it is dropped.
                unsafe { l.timers.insert(self.get_ref()) };
            }
        });
    }

    /// Wakes nobody any more.
    pub(crate) fn clear(&self) {
        self.unlink();
        self.waker.take();
    }

    fn unlink(&self) {
        // SAFETY: HEAP-ORDER: a timer with a home is in its heap, and a loop that closes takes its timers out first.
        if let Some(l) = unsafe { self.home.replace(ptr::null()).as_ref() } {
            // SAFETY: as above.
            unsafe { l.timers.remove(self) };
        }
    }

    /// The loop has just taken it out of its heap. Whom to wake.
    pub(crate) fn taken_out(&self) -> Option<Waker> {
        self.home.set(ptr::null());
        self.waker.take()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.unlink();
    }
}
