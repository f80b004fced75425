use core::convert::Infallible;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::branch::flag;
use super::pass::current_branch;

/// A task, or a part of one, was cancelled.
///
/// Caught by [`catch_cancel`](crate::catch_cancel), it should be [resumed](Self::resume) after cleaning up.
/// Returned inside an error type, it is an ordinary error.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use = "a caught cancellation is usually resumed after cleaning up: `err.resume().await`"]
pub struct CancelledError {
    _private: (),
}

impl CancelledError {
    pub(crate) const fn new() -> Self {
        Self { _private: () }
    }

    /// Goes on unwinding: everything up to the next scope outwards is dropped, and that scope surfaces in turn.
    /// Without one, the task ends cancelled. The future never returns.
    ///
    /// # Cancel safety
    /// Dropping the future before its first poll resumes nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None.
    pub fn resume(self) -> Resume {
        Resume { _private: () }
    }
}

impl fmt::Debug for CancelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CancelledError")
    }
}

impl fmt::Display for CancelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled")
    }
}

impl core::error::Error for CancelledError {}

/// The future of [`CancelledError::resume`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Resume {
    _private: (),
}

impl Future for Resume {
    type Output = Infallible;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Infallible> {
        // SAFETY: SCOPE: the branch that is being polled is valid.
        match unsafe { current_branch().as_ref() } {
            // The scope looks for it when its inner future, which this is a part of, has returned pending.
            Some(branch) => branch.set(flag::RAISED),
            None => panic!("CancelledError::resume outside a task: there is nothing to unwind"),
        }
        Poll::Pending
    }
}

/// A deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TimeoutError {
    _private: (),
}

impl TimeoutError {
    pub(crate) const fn new() -> Self {
        Self { _private: () }
    }
}

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the deadline passed")
    }
}

impl core::error::Error for TimeoutError {}

/// Why a [`Timeout`](crate::Timeout) could not be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RescheduleError {
    /// Its run was not polled yet, so there is nothing to move.
    NotRunning,
    /// The time was up, and what ran was asked to end.
    Expired,
    /// Its run has ended before the time was up.
    Finished,
}

impl fmt::Display for RescheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRunning => {
                "the timeout is not running: make it with the deadline it shall have, or await `run`"
            }
            Self::Expired => "the timeout has expired: make another one for what is still to be done",
            Self::Finished => "the timeout has finished: make another one for what comes next",
        })
    }
}

impl core::error::Error for RescheduleError {}
