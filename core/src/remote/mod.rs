//! Tasks that are submitted to a loop from elsewhere: from another thread, an interrupt, or a loop of another priority.

mod completion;
mod error;
#[cfg(feature = "alloc")]
mod handle;
mod job;
mod pool;
mod slot;
mod task;

pub use error::{SubmitError, SubmitErrorKind};
#[cfg(feature = "alloc")]
pub use handle::LoopHandle;
pub(crate) use pool::RemoteHead;
pub use pool::RemotePool;
pub use task::RemoteTask;

/// Where tasks can be submitted to from elsewhere: a `&LoopHandle`, or a `&'static` [`RemotePool`] that its loop was given.
pub trait Submit: sealed::Sealed {
    #[doc(hidden)]
    fn submit<F, Fut>(self, make: F) -> Result<RemoteTask<Fut::Output>, SubmitError<F>>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future + 'static,
        Fut::Output: Send + 'static;
}

mod sealed {
    pub trait Sealed {}
}

/// Submits a task to a loop from elsewhere: another thread, an interrupt handler, a loop of another priority. asyncio's
/// `run_coroutine_threadsafe`.
///
/// `make` is sent to the loop, where it makes the future, which need not be `Send`: an async closure is what fits. The
/// task begins at the loop's next turn. `to` is a `&LoopHandle`, which keeps the task on the heap, or a `&'static`
/// [`RemotePool`].
///
/// Called on the loop's own context it works as well, but `create_task` is what serves there.
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// # use everloop_core::{OwnedLoop, virtual_time::{UNPARKER, VirtualTime}};
/// use everloop_core::{Duration, LoopHandle, run_coroutine_threadsafe, sleep, yield_now};
/// # OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async {
///
/// let handle = LoopHandle::current().unwrap();
/// let thread = std::thread::spawn(move || {
///     run_coroutine_threadsafe(async || { sleep(Duration::from_secs(1)).await; 42 }, &handle).unwrap()
/// });
/// let task = thread.join().unwrap(); // joining blocks the loop: here only to keep this short
/// assert_eq!(task.await, Ok(42));
/// # }).unwrap();
/// # }
/// ```
///
/// # Errors
/// The loop is not running, or the pool is full. What was to be sent comes back; nothing is lost.
///
/// # Differs from asyncio
/// It takes what makes the future, not the future: that one could not be sent to another thread.
pub fn run_coroutine_threadsafe<F, Fut>(
    make: F,
    to: impl Submit,
) -> Result<RemoteTask<Fut::Output>, SubmitError<F>>
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future + 'static,
    Fut::Output: Send + 'static,
{
    to.submit(make)
}
