use core::fmt;

/// Why a task was not created, with the future that was to be its body.
pub struct CreateError<F> {
    /// The reason.
    pub kind: CreateErrorKind,
    /// The future, which has not been polled.
    pub future: F,
}

/// The reasons of a [`CreateError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CreateErrorKind {
    /// The caller is not inside a running loop.
    NoRunningLoop,
    /// The loop is closing: the caller is a drop of what was left over.
    LoopClosed,
    /// The loop was given no task pool, and the `alloc` feature is off.
    NoPool,
    /// Every slot that is large enough is taken.
    PoolFull,
    /// The future or its output does not fit into the largest slots.
    TooLarge {
        /// What it needs, in bytes.
        bytes: usize,
        /// What the largest slots hold, in bytes.
        slot: usize,
    },
    /// The future or its output is aligned more strictly than slots are.
    OverAligned {
        /// What it needs, in bytes.
        align: usize,
        /// What slots have.
        slot: usize,
    },
    /// The pool serves another loop.
    PoolInUse,
    /// As many children live as the task group has room for.
    GroupFull,
    /// The task group has failed, was asked to end, or has ended.
    GroupShutDown,
}

impl fmt::Display for CreateErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRunningLoop => f.write_str("no running event loop: create tasks from inside `run`"),
            Self::LoopClosed => f.write_str("the event loop is closing: no task can run any more"),
            Self::NoPool => f.write_str(
                "the loop has no task pool: hand one to `EventLoop::run`, or enable the `alloc` feature",
            ),
            Self::PoolFull => {
                f.write_str("all slots of the task pool are taken: give the pool more, or await tasks first")
            }
            Self::TooLarge { bytes, slot } => {
                write!(f, "the task needs a slot of {bytes} bytes but the pool's slots have {slot}")
            }
            Self::OverAligned { align, slot } => write!(
                f,
                "the task is aligned to {align} bytes but the pool's slots to {slot}: keep what is aligned so out of it, as \
                 in a `static`, or enable the `alloc` feature"
            ),
            Self::PoolInUse => {
                f.write_str("the task pool serves another loop: give each loop a pool of its own")
            }
            Self::GroupFull => f.write_str(
                "the task group has as many children as it has room for: give it more, or await some first",
            ),
            Self::GroupShutDown => f.write_str(
                "the task group is shutting down, since something in it failed or it was cancelled, or it has ended",
            ),
        }
    }
}

impl core::error::Error for CreateErrorKind {}

impl<F> fmt::Debug for CreateError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateError").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<F> fmt::Display for CreateError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl<F> core::error::Error for CreateError<F> {}

/// The result was asked for before it was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidStateError;

impl fmt::Display for InvalidStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the result is not ready: await it first")
    }
}

impl core::error::Error for InvalidStateError {}

/// A task-local was not set; with the value that was to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SetLocalError<T> {
    /// The reason.
    pub kind: SetLocalErrorKind,
    /// The value.
    pub value: T,
}

/// The reasons of a [`SetLocalError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SetLocalErrorKind {
    /// The caller is not inside a task.
    NoTask,
    /// As many values as the task-local has room for are in use.
    Full,
}

impl fmt::Display for SetLocalErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTask => "no task is running: set task-locals from inside a task",
            Self::Full => {
                "all values of the task-local are in use: give it a larger N, or enable the `alloc` feature"
            }
        })
    }
}

impl<T> fmt::Debug for SetLocalError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetLocalError").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SetLocalError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl<T> core::error::Error for SetLocalError<T> {}
