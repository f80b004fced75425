use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::completion::{Completion, Outcome, Shares};
use crate::scope::CancelledError;
use crate::{shim, task};

/// A handle to a task that was submitted from elsewhere: it may be awaited in any context, and waited for by a thread.
/// asyncio's `concurrent.futures.Future`, as `run_coroutine_threadsafe` gives it.
///
/// The await gives the output once, or [`CancelledError`] if the task was cancelled or its loop closed before it ended;
/// a panic of the task goes on in whoever awaits it. Dropping the handle detaches the task; a panic that nobody awaited
/// goes to the handler of the loop that it is dropped in.
///
/// # Differs from asyncio
/// Cancelling who awaits the handle does not cancel the task: call [`cancel`](Self::cancel).
pub struct RemoteTask<T> {
    completion: *const Completion<T>,
    shares: *const Shares,
    /// Of the task, whose memory it keeps if it is counted.
    waker: Waker,
}

// SAFETY: SHARES: the completion is there until the handle lets go, and guards its state by a lock; the output is the
// only thing that passes from one context to the other.
unsafe impl<T: Send> Send for RemoteTask<T> {}
// SAFETY: as above; by reference nothing of the output is to be had.
unsafe impl<T: Send> Sync for RemoteTask<T> {}

impl<T> RemoteTask<T> {
    /// # Safety
    /// SHARES: the handle is one of the two; `waker` is one of the task.
    pub(super) unsafe fn new(completion: *const Completion<T>, shares: *const Shares, waker: Waker) -> Self {
        Self { completion, shares, waker }
    }

    fn completion(&self) -> &Completion<T> {
        // SAFETY: SHARES: the handle has not let go.
        unsafe { &*self.completion }
    }

    /// Whether the task has ended.
    pub fn done(&self) -> bool {
        self.completion().is_settled()
    }

    /// Asks the task to end, as [`Task::cancel`](crate::Task::cancel) does, from any context. False if it is done.
    pub fn cancel(&self) -> bool {
        if self.done() {
            return false;
        }
        // SAFETY: TASK: the handle keeps the task's memory, and its slot from serving another one.
        unsafe { task::cancel_from_elsewhere(&self.waker) };
        true
    }

    fn outcome(outcome: Option<Outcome<T>>) -> Result<T, CancelledError> {
        match outcome {
            Some(Outcome::Value(value)) => Ok(value),
            Some(Outcome::Cancelled(message)) => Err(CancelledError::new(message)),
            Some(Outcome::Panicked(payload)) => shim::resume(payload),
            None => panic!("the task's result was already taken by another await"),
        }
    }

    /// Blocks the calling thread until the task has ended, and gives its outcome.
    ///
    /// # Errors
    /// [`WaitError::InLoop`](crate::WaitError::InLoop) inside a running loop.
    ///
    /// # Panics
    /// If the task panicked, or its outcome was taken before.
    #[cfg(feature = "std")]
    pub fn wait(&mut self) -> Result<Result<T, CancelledError>, crate::WaitError> {
        crate::blocking::wait(self)
    }

    /// As [`wait`](Self::wait), for at most `timeout`.
    ///
    /// # Errors
    /// As there, and [`WaitError::Timeout`](crate::WaitError::Timeout) if the time was up; it can be waited for again.
    ///
    /// # Panics
    /// As there.
    #[cfg(feature = "std")]
    pub fn wait_timeout(
        &mut self,
        timeout: std::time::Duration,
    ) -> Result<Result<T, CancelledError>, crate::WaitError> {
        crate::blocking::wait_timeout(self, timeout)
    }
}

/// # Cancel safety
/// A future dropped before it was ready has taken nothing. A cancellation of who awaits does not reach the task.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// By the task's loop, which may be one of an interrupt.
impl<T> Future for RemoteTask<T> {
    type Output = Result<T, CancelledError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        crate::waits_on(crate::WaitReason::Task);
        self.completion().poll(cx).map(Self::outcome)
    }
}

impl<T> Drop for RemoteTask<T> {
    fn drop(&mut self) {
        // SAFETY: SHARES: this is the handle's last use of it.
        unsafe { Shares::let_go(self.shares) };
    }
}

impl<T> fmt::Debug for RemoteTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteTask").field("done", &self.done()).finish()
    }
}
