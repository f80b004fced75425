use std::time::{Duration, Instant};

use super::{deadline, wait, wait_until};
use crate::{Condition, LockGuard, Shared, WaitError};

/// For threads that run no loop: they block, and wait in the same order as tasks do.
impl Condition<Shared> {
    /// As [`wait`](Self::wait), by blocking the calling thread, which runs no loop.
    ///
    /// # Errors
    /// [`WaitError::InLoop`] inside a running loop; the guard holds the lock as before.
    ///
    /// # Panics
    /// If the guard does not [hold](LockGuard::is_held) the lock.
    pub fn wait_blocking<T: ?Sized>(&self, guard: &mut LockGuard<'_, T, Shared>) -> Result<(), WaitError> {
        self.wait_to(guard, None)
    }

    /// As [`wait_blocking`](Self::wait_blocking), for at most `timeout`. The time is for the notification; the lock is
    /// taken again in any case, however long that takes.
    ///
    /// # Errors
    /// As there, and [`WaitError::Timeout`] if the time was up before the lock could be taken again; then it is taken all
    /// the same, and a notification that had come goes to another.
    ///
    /// # Panics
    /// As there.
    pub fn wait_blocking_timeout<T: ?Sized>(
        &self,
        guard: &mut LockGuard<'_, T, Shared>,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        self.wait_to(guard, deadline(timeout))
    }

    /// As [`wait_for`](Self::wait_for), by blocking the calling thread, which runs no loop.
    ///
    /// ```
    /// use std::thread;
    ///
    /// use everloop_core::{Condition, Lock, Shared};
    ///
    /// static STOCK: Lock<u32, Shared> = Lock::new(0);
    /// static MORE: Condition<Shared> = Condition::new();
    ///
    /// let thread = thread::spawn(|| {
    ///     let mut stock = STOCK.acquire_blocking()?;
    ///     MORE.wait_for_blocking(&mut stock, |stock| *stock >= 3)?;
    ///     *stock -= 3;
    ///     Ok::<_, everloop_core::WaitError>(*stock)
    /// });
    /// for _ in 0..4 {
    ///     *STOCK.acquire_blocking().unwrap() += 1; // in a task: STOCK.acquire().await
    ///     MORE.notify_all();
    /// }
    /// assert!(matches!(thread.join().unwrap(), Ok(0 | 1)));
    /// ```
    ///
    /// # Errors
    /// As [`wait_blocking`](Self::wait_blocking).
    ///
    /// # Panics
    /// As there.
    pub fn wait_for_blocking<T: ?Sized>(
        &self,
        guard: &mut LockGuard<'_, T, Shared>,
        mut predicate: impl FnMut(&mut T) -> bool,
    ) -> Result<(), WaitError> {
        while !predicate(guard) {
            self.wait_to(guard, None)?;
        }
        Ok(())
    }

    /// As [`wait_for_blocking`](Self::wait_for_blocking), for at most `timeout`.
    ///
    /// # Errors
    /// As [`wait_blocking_timeout`](Self::wait_blocking_timeout), and only if the predicate says no at the end, too.
    ///
    /// # Panics
    /// As there.
    pub fn wait_for_blocking_timeout<T: ?Sized>(
        &self,
        guard: &mut LockGuard<'_, T, Shared>,
        timeout: Duration,
        mut predicate: impl FnMut(&mut T) -> bool,
    ) -> Result<(), WaitError> {
        let deadline = deadline(timeout);
        while !predicate(guard) {
            match self.wait_to(guard, deadline) {
                // What it waits for may have become so while it took the lock again.
                Err(WaitError::Timeout) if predicate(guard) => return Ok(()),
                waited => waited?,
            }
        }
        Ok(())
    }

    fn wait_to<T: ?Sized>(
        &self,
        guard: &mut LockGuard<'_, T, Shared>,
        deadline: Option<Instant>,
    ) -> Result<(), WaitError> {
        let waited = wait_until(self.wait(guard), deadline);
        if waited == Err(WaitError::Timeout) {
            wait(guard.reacquire())?;
        }
        waited
    }
}
