//! What one thread wakes a task of another by: a flag and a waker, so that nothing is measured but the runtime's waking.

use std::future::poll_fn;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

/// Set by one, taken by another.
pub struct Signal {
    is_set: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Signal {
    /// Not set.
    pub const fn new() -> Self {
        Self { is_set: AtomicBool::new(false), waker: Mutex::new(None) }
    }

    /// Sets it, and wakes who waits for that.
    pub fn set(&self) {
        self.is_set.store(true, Ordering::SeqCst);
        let waker = self.waker.lock().unwrap().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits until it is set; then it no longer is.
    pub async fn take(&self) {
        poll_fn(|cx| {
            if self.is_set.swap(false, Ordering::SeqCst) {
                return Poll::Ready(());
            }
            *self.waker.lock().unwrap() = Some(cx.waker().clone());
            // It may have been set before the waker was there.
            match self.is_set.swap(false, Ordering::SeqCst) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }
}
