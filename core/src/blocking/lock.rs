use std::time::Duration;

use super::{wait, wait_timeout};
use crate::{Lock, LockGuard, Shared, WaitError};

/// For threads that run no loop: they block, and wait in the same order as tasks do.
impl<T: ?Sized> Lock<T, Shared> {
    /// As [`acquire`](Self::acquire), by blocking the calling thread, which runs no loop.
    ///
    /// ```
    /// use std::thread;
    ///
    /// use everloop_core::{Lock, Shared};
    ///
    /// static TOTAL: Lock<u32, Shared> = Lock::new(1);
    ///
    /// let thread = thread::spawn(|| *TOTAL.acquire_blocking().unwrap() += 1);
    /// thread.join().unwrap();
    /// assert_eq!(*TOTAL.acquire_blocking().unwrap(), 2); // in a task: TOTAL.acquire().await
    /// ```
    ///
    /// # Errors
    /// [`WaitError::InLoop`] inside a running loop.
    pub fn acquire_blocking(&self) -> Result<LockGuard<'_, T, Shared>, WaitError> {
        wait(self.acquire())
    }

    /// As [`acquire_blocking`](Self::acquire_blocking), for at most `timeout`.
    ///
    /// # Errors
    /// As there, and [`WaitError::Timeout`] if the lock did not come free in time.
    pub fn acquire_blocking_timeout(&self, timeout: Duration) -> Result<LockGuard<'_, T, Shared>, WaitError> {
        wait_timeout(self.acquire(), timeout)
    }
}
