use core::fmt;

/// Why `put_nowait` did not take the item, with the item.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TryPutError<T> {
    /// The queue holds as much as it can, or others wait to put before.
    QueueFull(T),
    /// The queue was shut down.
    QueueShutDown(T),
}

impl<T> TryPutError<T> {
    /// The item that was not taken.
    pub fn into_inner(self) -> T {
        match self {
            Self::QueueFull(item) | Self::QueueShutDown(item) => item,
        }
    }
}

impl<T> fmt::Debug for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull(_) => "QueueFull",
            Self::QueueShutDown(_) => "QueueShutDown",
        })
    }
}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull(_) => "the queue is full",
            Self::QueueShutDown(_) => "the queue was shut down",
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
