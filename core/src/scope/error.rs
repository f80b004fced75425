use core::convert::Infallible;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::branch::flag;
use super::message::raise_message;
use super::pass::current_branch;

/// A task, or a part of one, was cancelled.
///
/// Caught by [`catch_cancel`](crate::catch_cancel), it should be [resumed](Self::resume) after cleaning up.
/// Returned inside an error type, it is an ordinary error.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use = "a caught cancellation is usually resumed after cleaning up: `err.resume().await`"]
pub struct CancelledError {
    message: Option<&'static str>,
}

impl CancelledError {
    pub(crate) const fn new(message: Option<&'static str>) -> Self {
        Self { message }
    }

    /// What was said with the request, if anything was: see [`Task::cancel_with`](crate::Task::cancel_with).
    pub fn message(&self) -> Option<&'static str> {
        self.message
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
        Resume { error: self }
    }
}

impl fmt::Debug for CancelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message {
            Some(message) => f.debug_tuple("CancelledError").field(&message).finish(),
            None => f.write_str("CancelledError"),
        }
    }
}

impl fmt::Display for CancelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message {
            Some(message) => write!(f, "cancelled: {message}"),
            None => f.write_str("cancelled"),
        }
    }
}

impl core::error::Error for CancelledError {}

/// The future of [`CancelledError::resume`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Resume {
    error: CancelledError,
}

impl Future for Resume {
    type Output = Infallible;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Infallible> {
        let raised = raise(self.error.message);
        assert!(raised, "CancelledError::resume outside a task: there is nothing to unwind");
        Poll::Pending
    }
}

/// Has the branch that is being polled drop its inside, once that has returned pending. False outside a task.
pub(crate) fn raise(message: Option<&'static str>) -> bool {
    let branch = current_branch();
    if branch.is_null() {
        return false;
    }
    // The pointer itself is handed on: through a reference to a root there is no right to the rest of its task.
    // SAFETY: SCOPE: the branch that is being polled is valid.
    unsafe {
        (*branch).set(flag::RAISED);
        raise_message(branch, message);
    }
    true
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
