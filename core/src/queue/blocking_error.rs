use core::fmt;

use crate::blocking::{IN_LOOP, TIMEOUT};

/// Why `put_blocking` did not put the item in, with the item.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutBlockingError<T> {
    /// The queue was shut down.
    QueueShutDown(T),
    /// There is no memory for the item. Never with [`Fixed`](crate::Fixed).
    OutOfMemory(T),
    /// There was no room in time.
    Timeout(T),
    /// The caller is inside a running loop, which a blocking wait would stop.
    InLoop(T),
}

impl<T> PutBlockingError<T> {
    /// The item that was not taken.
    pub fn into_inner(self) -> T {
        match self {
            Self::QueueShutDown(item)
            | Self::OutOfMemory(item)
            | Self::Timeout(item)
            | Self::InLoop(item) => item,
        }
    }
}

impl<T> fmt::Debug for PutBlockingError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueShutDown(_) => "QueueShutDown",
            Self::OutOfMemory(_) => "OutOfMemory",
            Self::Timeout(_) => "Timeout",
            Self::InLoop(_) => "InLoop",
        })
    }
}

impl<T> fmt::Display for PutBlockingError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueShutDown(_) => "the queue was shut down",
            Self::OutOfMemory(_) => super::error::NO_MEMORY,
            Self::Timeout(_) => TIMEOUT,
            Self::InLoop(_) => IN_LOOP,
        })
    }
}

impl<T> core::error::Error for PutBlockingError<T> {}

/// Why `get_blocking` gave no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GetBlockingError {
    /// The queue was shut down, and nothing is left in it.
    QueueShutDown,
    /// There was no item in time.
    Timeout,
    /// The caller is inside a running loop, which a blocking wait would stop.
    InLoop,
}

impl fmt::Display for GetBlockingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueShutDown => "the queue was shut down",
            Self::Timeout => TIMEOUT,
            Self::InLoop => IN_LOOP,
        })
    }
}

impl core::error::Error for GetBlockingError {}
