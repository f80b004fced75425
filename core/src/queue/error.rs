use core::fmt;

pub(super) const NO_MEMORY: &str = "there is no memory for one more item";

/// Why `put_nowait` did not take the item, with the item.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TryPutError<T> {
    /// The queue holds as much as it can, or others wait to put before.
    QueueFull(T),
    /// The queue was shut down.
    QueueShutDown(T),
    /// There is no memory for the item. Never with [`Fixed`](crate::Fixed).
    OutOfMemory(T),
}

impl<T> TryPutError<T> {
    /// The item that was not taken.
    pub fn into_inner(self) -> T {
        match self {
            Self::QueueFull(item) | Self::QueueShutDown(item) | Self::OutOfMemory(item) => item,
        }
    }
}

impl<T> fmt::Debug for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull(_) => "QueueFull",
            Self::QueueShutDown(_) => "QueueShutDown",
            Self::OutOfMemory(_) => "OutOfMemory",
        })
    }
}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull(_) => "the queue is full",
            Self::QueueShutDown(_) => "the queue was shut down",
            Self::OutOfMemory(_) => NO_MEMORY,
        })
    }
}

impl<T> core::error::Error for TryPutError<T> {}

/// Why `get_nowait` gave no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TryGetError {
    /// The queue is empty, or all that is in it is promised to those who waited.
    QueueEmpty,
    /// The queue was shut down, and nothing is left in it.
    QueueShutDown,
}

impl fmt::Display for TryGetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueEmpty => "the queue is empty",
            Self::QueueShutDown => "the queue was shut down",
        })
    }
}

impl core::error::Error for TryGetError {}

/// The queue was shut down; a `put` gives its item back with this.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct QueueShutDown<T = ()>(
    /// The item that was not taken; nothing from a `get`.
    pub T,
);

impl<T> fmt::Debug for QueueShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueueShutDown")
    }
}

impl<T> fmt::Display for QueueShutDown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue was shut down")
    }
}

impl<T> core::error::Error for QueueShutDown<T> {}

/// `task_done` was called more often than items were put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TaskDoneError;

impl fmt::Display for TaskDoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("task_done was called more often than items were put into the queue")
    }
}

impl core::error::Error for TaskDoneError {}

/// Why a `put` failed, whatever the storage.
pub trait PutFailed<T>: sealed::Sealed + core::error::Error {
    #[doc(hidden)]
    fn new(error: TryPutError<T>) -> Self;
    /// The item that was not taken.
    fn into_inner(self) -> T;
}

impl<T> PutFailed<T> for QueueShutDown<T> {
    // Where room is in place, a put that may wait for it fails for no other reason.
    fn new(error: TryPutError<T>) -> Self {
        Self(error.into_inner())
    }

    fn into_inner(self) -> T {
        self.0
    }
}

/// Why a `put` into a queue on the heap failed, with the item.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PutError<T> {
    /// The queue was shut down.
    QueueShutDown(T),
    /// There is no memory for the item.
    OutOfMemory(T),
}

#[cfg(feature = "alloc")]
impl<T> PutFailed<T> for PutError<T> {
    fn new(error: TryPutError<T>) -> Self {
        match error {
            TryPutError::OutOfMemory(item) => Self::OutOfMemory(item),
            // One that is full is waited for.
            TryPutError::QueueShutDown(item) | TryPutError::QueueFull(item) => Self::QueueShutDown(item),
        }
    }

    fn into_inner(self) -> T {
        match self {
            Self::QueueShutDown(item) | Self::OutOfMemory(item) => item,
        }
    }
}

#[cfg(feature = "alloc")]
impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueShutDown(_) => "QueueShutDown",
            Self::OutOfMemory(_) => "OutOfMemory",
        })
    }
}

#[cfg(feature = "alloc")]
impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueShutDown(_) => "the queue was shut down",
            Self::OutOfMemory(_) => NO_MEMORY,
        })
    }
}

#[cfg(feature = "alloc")]
impl<T> core::error::Error for PutError<T> {}

/// There is no memory for so many items.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OutOfMemory;

#[cfg(feature = "alloc")]
impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no memory for so many items")
    }
}

#[cfg(feature = "alloc")]
impl core::error::Error for OutOfMemory {}

/// A queue was asked for that has room for nothing.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ZeroCapacityError;

#[cfg(feature = "alloc")]
impl ZeroCapacityError {
    pub(super) const MESSAGE: &str = "a queue needs room for at least one item; one without a limit, as asyncio's \
        `maxsize=0`, has the storage `Unbounded`";
}

#[cfg(feature = "alloc")]
impl fmt::Display for ZeroCapacityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::MESSAGE)
    }
}

#[cfg(feature = "alloc")]
impl core::error::Error for ZeroCapacityError {}

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for super::QueueShutDown<T> {}
    #[cfg(feature = "alloc")]
    impl<T> Sealed for super::PutError<T> {}
}
