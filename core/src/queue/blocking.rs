//! Queues between loops and threads that have none, which block instead.

use std::time::{Duration, Instant};

use super::blocking_error::{GetBlockingError, PutBlockingError};
use super::error::{QueueShutDown, TryPutError};
use super::ops::Putter;
use super::order::Order;
use super::ordered::Queue;
use super::storage::QueueStorage;
use crate::blocking::{deadline, wait, wait_timeout, wait_until};
use crate::waiter::Acquire;
use crate::{Shared, WaitError, current};

/// For threads that run no loop: they block, and wait in the same order as tasks do.
impl<T, S: QueueStorage, O: Order<T>> Queue<T, S, Shared, O> {
    /// As [`put`](Self::put), by blocking the calling thread, which runs no loop.
    ///
    /// # Errors
    /// The queue is shut down, before or while this waits; on the heap there may be no memory; inside a running loop
    /// this is refused. The item comes back.
    pub fn put_blocking(&self, item: T) -> Result<(), PutBlockingError<T>> {
        self.put_until(item, None)
    }

    /// As [`put_blocking`](Self::put_blocking), for at most `timeout`.
    ///
    /// # Errors
    /// As there, and if there was no room in time. The item comes back.
    pub fn put_blocking_timeout(&self, item: T, timeout: Duration) -> Result<(), PutBlockingError<T>> {
        self.put_until(item, deadline(timeout))
    }

    fn put_until(&self, item: T, deadline: Option<Instant>) -> Result<(), PutBlockingError<T>> {
        if current::is_any() {
            return Err(PutBlockingError::InLoop(item));
        }
        let item = match self.put_nowait(item) {
            Err(TryPutError::QueueFull(item)) => item,
            done => return done.map_err(PutBlockingError::new),
        };
        match wait_until(Acquire::new(Putter(self)), deadline) {
            Ok(waited) => self.put_after(waited.is_ok(), item).map_err(PutBlockingError::new),
            Err(error) => Err(PutBlockingError::waiting(error, item)),
        }
    }

    /// As [`get`](Self::get), by blocking the calling thread, which runs no loop.
    ///
    /// ```
    /// use std::thread;
    ///
    /// use everloop_core::{Fixed, Queue, Shared};
    ///
    /// static LINES: Queue<u32, Fixed<2>, Shared> = Queue::new();
    ///
    /// let printer = thread::spawn(|| {
    ///     let mut lines = 0;
    ///     while let Ok(_line) = LINES.get_blocking() {
    ///         lines += 1; // println!("{_line}") may take its time
    ///     }
    ///     lines
    /// });
    /// for line in 0..10 {
    ///     LINES.put_blocking(line).unwrap(); // in a task: LINES.put(line).await
    /// }
    /// LINES.shutdown(false);
    /// assert_eq!(printer.join().unwrap(), 10);
    /// ```
    ///
    /// # Errors
    /// The queue is shut down and nothing is left in it; inside a running loop this is refused.
    pub fn get_blocking(&self) -> Result<T, GetBlockingError> {
        got(wait(self.get()))
    }

    /// As [`get_blocking`](Self::get_blocking), for at most `timeout`.
    ///
    /// # Errors
    /// As there, and if there was no item in time.
    pub fn get_blocking_timeout(&self, timeout: Duration) -> Result<T, GetBlockingError> {
        got(wait_timeout(self.get(), timeout))
    }

    /// As [`join`](Self::join), by blocking the calling thread, which runs no loop.
    ///
    /// # Errors
    /// [`WaitError::InLoop`] inside a running loop.
    pub fn join_blocking(&self) -> Result<(), WaitError> {
        wait(self.join())
    }

    /// As [`join_blocking`](Self::join_blocking), for at most `timeout`.
    ///
    /// # Errors
    /// As there, and [`WaitError::Timeout`] if not all was dealt with in time.
    pub fn join_blocking_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        wait_timeout(self.join(), timeout)
    }
}

fn got<T>(waited: Result<Result<T, QueueShutDown>, WaitError>) -> Result<T, GetBlockingError> {
    match waited {
        Ok(Ok(item)) => Ok(item),
        Ok(Err(QueueShutDown(()))) => Err(GetBlockingError::QueueShutDown),
        Err(WaitError::Timeout) => Err(GetBlockingError::Timeout),
        Err(WaitError::InLoop) => Err(GetBlockingError::InLoop),
    }
}

impl<T> PutBlockingError<T> {
    fn new(error: TryPutError<T>) -> Self {
        match error {
            TryPutError::OutOfMemory(item) => Self::OutOfMemory(item),
            // One that is full is waited for.
            TryPutError::QueueShutDown(item) | TryPutError::QueueFull(item) => Self::QueueShutDown(item),
        }
    }

    fn waiting(error: WaitError, item: T) -> Self {
        match error {
            WaitError::Timeout => Self::Timeout(item),
            WaitError::InLoop => Self::InLoop(item),
        }
    }
}
