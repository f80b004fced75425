use core::fmt;

/// Why a run gave no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RunError {
    /// `run` was called inside a running loop.
    Nested,
    /// The loop is being run by another thread or interrupt level; or a handle to a task of its last run is still there,
    /// or a child that may borrow, of a group that was carried out of that run or [forgotten](crate::task_group).
    AlreadyRunning,
    /// A pool that was handed over serves another loop.
    PoolInUse,
    /// The loop was closed: see [`OpenLoop`](crate::OpenLoop).
    Closed,
    /// The main task was cancelled.
    Cancelled,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nested => {
                "`run` was called inside a running event loop: await the future, or create a task for it"
            }
            Self::AlreadyRunning => {
                "the event loop is running elsewhere, or a handle to one of its tasks or a child of a group is left: drop it, or use another loop"
            }
            Self::PoolInUse => "the task pool serves another event loop: give each loop a pool of its own",
            Self::Closed => "the event loop is closed: open a new one",
            Self::Cancelled => "the main task was cancelled",
        })
    }
}

impl core::error::Error for RunError {}
