//! Blocking a thread until a waker of it is woken, as loom can follow it.

use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::Duration;

use loom::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What ends a [`park_thread`] of the calling thread.
pub(crate) fn thread_waker() -> Waker {
    Waker::from(Arc::new(Unpark(thread::current())))
}

/// Blocks until the thread's waker is woken; loom knows no time.
pub(crate) fn park_thread(_: Option<Duration>) {
    thread::park();
}
