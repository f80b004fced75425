//! What the tests of signals use.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use everloop::Event;

/// Signals are the whole process's: one test at a time.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends a signal to this thread: its handler has run when this returns.
pub fn send(signum: i32) {
    // SAFETY: it is caught, by a handler that may run anywhere.
    unsafe { assert_eq!(libc::raise(signum), 0) };
}

/// What the signal does now: the address of a handler, or what stands for the default.
pub fn disposition(signum: i32) -> usize {
    // SAFETY: the structure is plain numbers, and the call only writes to it.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        assert_eq!(libc::sigaction(signum, std::ptr::null(), &raw mut action), 0);
        action.sa_sigaction
    }
}

/// A count that can be waited for.
#[derive(Default)]
pub struct Counter {
    pub count: Cell<usize>,
    changed: Event,
}

impl Counter {
    pub fn new() -> Rc<Self> {
        Rc::default()
    }

    /// What counts one.
    pub fn callback(self: &Rc<Self>) -> impl FnMut() + 'static {
        let counter = Rc::clone(self);
        move || {
            counter.count.set(counter.count.get() + 1);
            counter.changed.set();
        }
    }

    /// Waits until so many were counted.
    pub async fn reaches(&self, count: usize) {
        while self.count.get() < count {
            self.changed.wait().await;
            self.changed.clear();
        }
    }
}
