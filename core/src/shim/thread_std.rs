//! Blocking a thread until a waker of it is woken.

use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

std::thread_local! {
    /// One for all waits of the thread.
    static WAKER: Waker = new_waker();
}

fn new_waker() -> Waker {
    Waker::from(Arc::new(Unpark(thread::current())))
}

/// What ends a [`park_thread`] of the calling thread.
pub(crate) fn thread_waker() -> Waker {
    // A thread that is ending has lost its own.
    WAKER.try_with(Waker::clone).unwrap_or_else(|_gone| new_waker())
}

/// Blocks until the thread's waker is woken, or for `timeout`; may return early.
pub(crate) fn park_thread(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => thread::park_timeout(timeout),
        None => thread::park(),
    }
}
