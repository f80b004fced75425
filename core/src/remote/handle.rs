use alloc::boxed::Box;
use core::fmt;

use super::Submit;
use super::completion::{Completion, Shares};
use super::error::{SubmitError, SubmitErrorKind};
use super::job::Job;
use super::task::RemoteTask;
use crate::{EventLoop, current, task};

/// A way into a loop from other threads. It may outlive the loop: then it leads nowhere, and says so.
///
/// Submitted tasks are kept on the heap; see [`RemotePool`](super::RemotePool) for what needs no allocator.
pub struct LoopHandle {
    /// Counted, so that the loop's memory is there.
    l: *const EventLoop,
}

// SAFETY: of the loop nothing but its inbox and its count is touched through it.
unsafe impl Send for LoopHandle {}
// SAFETY: as above.
unsafe impl Sync for LoopHandle {}

impl LoopHandle {
    /// Of the running loop; `None` outside one. asyncio's `get_running_loop`.
    pub fn current() -> Option<Self> {
        // SAFETY: it is the current loop.
        current::with(|l| unsafe { Self::of(l.this(), true) })
    }

    /// # Safety
    /// `l` is there, and the pointer may free it; `owner` says whether this is its context.
    pub(crate) unsafe fn of(l: *const EventLoop, owner: bool) -> Self {
        // SAFETY: by the caller.
        unsafe { (*l).count.inc(owner) };
        Self { l }
    }
}

impl Clone for LoopHandle {
    fn clone(&self) -> Self {
        // SAFETY: this handle keeps the loop.
        unsafe { Self::of(self.l, current::is(self.l)) }
    }
}

impl Drop for LoopHandle {
    fn drop(&mut self) {
        // SAFETY: the reference was counted.
        unsafe { EventLoop::release(self.l, current::is(self.l)) };
    }
}

impl fmt::Debug for LoopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoopHandle")
    }
}

/// A completion on the heap.
#[repr(C)]
struct Kept<T> {
    shares: Shares,
    completion: Completion<T>,
}

/// # Safety
/// SHARES: both have let go of a `Kept<T>`.
unsafe fn free<T>(shares: *const Shares) {
    // SAFETY: by the caller.
    drop(unsafe { Box::from_raw(shares.cast_mut().cast::<Kept<T>>()) });
}

impl super::sealed::Sealed for &LoopHandle {}

impl Submit for &LoopHandle {
    fn submit<F, Fut>(self, make: F) -> Result<RemoteTask<Fut::Output>, SubmitError<F>>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future + 'static,
        Fut::Output: Send + 'static,
    {
        let kept = Box::into_raw(Box::new(Kept { shares: Shares::new(), completion: Completion::new() }));
        // SAFETY: SHARES: the job and the handle are the two. The handle keeps the loop, and what is sent is `Send`.
        unsafe {
            // The pointer to the start is from the whole, so that it may free it.
            let (shares, completion) = (kept.cast_const().cast::<Shares>(), &raw const (*kept).completion);
            (*kept).shares.begin(free::<Fut::Output>);
            let (born, waker) =
                task::bear::<Job<F, Fut, Fut::Output>>(self.l, Job::new(make, completion, shares));
            let handle = RemoteTask::new(completion, shares, waker);
            match task::send::<Job<F, Fut, Fut::Output>>(self.l, born) {
                Ok(()) => Ok(handle),
                Err(job) => {
                    let future = job.into_sent();
                    Shares::let_go(shares);
                    drop(handle);
                    Err(SubmitError { kind: SubmitErrorKind::LoopClosed, future })
                }
            }
        }
    }
}
