use std::time::Duration;

use super::{wait, wait_timeout};
use crate::{BoundedSemaphore, Permit, Semaphore, Shared, WaitError};

macro_rules! blocking {
    ($name:ident) => {
        /// For threads that run no loop: they block, and wait in the same order as tasks do.
        impl $name<Shared> {
            /// As [`acquire`](Self::acquire), by blocking the calling thread, which runs no loop.
            ///
            /// # Errors
            /// [`WaitError::InLoop`] inside a running loop.
            pub fn acquire_blocking(&self) -> Result<Permit<'_, Shared>, WaitError> {
                wait(self.acquire())
            }

            /// As [`acquire_blocking`](Self::acquire_blocking), for at most `timeout`.
            ///
            /// # Errors
            /// As there, and [`WaitError::Timeout`] if there was no permit in time.
            pub fn acquire_blocking_timeout(
                &self,
                timeout: Duration,
            ) -> Result<Permit<'_, Shared>, WaitError> {
                wait_timeout(self.acquire(), timeout)
            }
        }
    };
}

blocking!(Semaphore);
blocking!(BoundedSemaphore);
