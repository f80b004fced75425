use std::time::Duration;

use super::{wait, wait_timeout};
use crate::{Barrier, BrokenBarrierError, Shared, WaitError};

/// For threads that run no loop: they block, and are parties as tasks are.
impl Barrier<Shared> {
    /// As [`wait`](Self::wait), by blocking the calling thread, which runs no loop.
    ///
    /// # Errors
    /// [`WaitError::InLoop`] inside a running loop; inside that result, those of [`wait`](Self::wait).
    pub fn wait_blocking(&self) -> Result<Result<usize, BrokenBarrierError>, WaitError> {
        wait(self.wait())
    }

    /// As [`wait_blocking`](Self::wait_blocking), for at most `timeout`; a thread whose time is up is no party any more.
    ///
    /// # Errors
    /// As there, and [`WaitError::Timeout`] if not all had come in time.
    pub fn wait_blocking_timeout(
        &self,
        timeout: Duration,
    ) -> Result<Result<usize, BrokenBarrierError>, WaitError> {
        wait_timeout(self.wait(), timeout)
    }
}
