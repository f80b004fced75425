//! Blocking functions beside the loop: on threads of their own.

mod job;
mod pool;

use std::any::type_name;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, io, mem, thread};

use everloop_core::{WaitReason, waits_on};
use pool::{Pool, Ticket};

pub(crate) use job::Job;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) use pool::Work;

/// The threads that all loops of the process share.
fn pool() -> &'static Pool {
    static POOL: Pool = Pool::new(pool::IDLE);
    &POOL
}

/// Runs `f`, which may block, on another thread; gives what it gives. asyncio's `to_thread`.
///
/// The function is handed over at the future's first poll. A panic of it goes on in whoever awaits.
///
/// The threads are shared by all loops of the process. There are at most as many as processors and 4 more, but never
/// more than 32; each is started when a function finds none idle, and ends when it had nothing to do for 10 seconds.
/// Functions for which there is no thread wait in a queue, first come first served. The queue has no limit, so that a
/// task never waits twice: whoever hands over more than gets done bounds it, for instance by the number of its tasks.
/// A function that never returns keeps its thread.
///
/// ```
/// let lines = everloop::run(async {
///     everloop::to_thread(|| std::fs::read_to_string("Cargo.toml").map(|text| text.lines().count())).await
/// });
/// assert!(lines.unwrap().unwrap() > 1);
/// ```
///
/// # Panics
/// When awaited, if the function panicked; and if the system refuses to start even a first thread, where
/// [`try_to_thread`] gives the function back.
///
/// # Cancel safety
/// A function that is still in the queue is taken out and dropped. One that runs can't be stopped: the await ends at
/// once, the function runs on, and what it gives is dropped on its thread.
///
/// # Allocation
/// A block with the function and its output; a thread, if none is idle.
///
/// # Wakes from interrupts
/// None; the function's thread wakes the task.
///
/// # Differs from asyncio
/// Closing a loop does not wait for functions that still run, nor does the process when `main` returns: it ends, and
/// they with it, wherever they are. Await what must be finished. Context variables are not handed on.
pub fn to_thread<F, T>(f: F) -> ToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    ToThread { inner: try_to_thread(f) }
}

/// As [`to_thread`].
///
/// # Errors
/// There is no thread, and the system refuses to start one. The function comes back and was not called. While there is
/// at least one thread this is no error: the function waits for that.
///
/// # Panics
/// When awaited, if the function panicked.
///
/// # Cancel safety
/// As there.
///
/// # Allocation
/// As there.
///
/// # Wakes from interrupts
/// As there.
pub fn try_to_thread<F, T>(f: F) -> TryToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    TryToThread { state: State::Fresh(f) }
}

/// The future of [`try_to_thread`].
#[must_use = "the function is called only if this is awaited"]
pub struct TryToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    state: State<F, T>,
}

enum State<F, T> {
    Fresh(F),
    HandedOver(Arc<Job<F, T>>, Ticket),
    Ended,
}

// Nothing in it is pinned.
impl<F, T> Unpin for TryToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
}

impl<F, T> Future for TryToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    type Output = Result<T, SpawnError<F>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match mem::replace(&mut self.state, State::Ended) {
            State::Fresh(f) => {
                let job = Arc::new(Job::new(f, cx.waker().clone()));
                match pool().submit(job.clone()) {
                    Ok(ticket) => {
                        self.state = State::HandedOver(job, ticket);
                        waits_on(WaitReason::Thread);
                        Poll::Pending
                    }
                    Err(error) => match job.take_back() {
                        Some(function) => Poll::Ready(Err(SpawnError { error, function })),
                        None => unreachable!("no thread has seen it"),
                    },
                }
            }
            State::HandedOver(job, ticket) => match job.poll(cx.waker()) {
                Some(Ok(output)) => Poll::Ready(Ok(output)),
                Some(Err(panic)) => std::panic::resume_unwind(panic),
                None => {
                    self.state = State::HandedOver(job, ticket);
                    waits_on(WaitReason::Thread);
                    Poll::Pending
                }
            },
            State::Ended => panic!("polled again after it was ready"),
        }
    }
}

impl<F, T> Drop for TryToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    fn drop(&mut self) {
        if let State::HandedOver(job, ticket) = mem::replace(&mut self.state, State::Ended) {
            pool().withdraw(ticket);
            job.abandon();
        }
    }
}

impl<F, T> fmt::Debug for TryToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Fresh(_) => "fresh",
            State::HandedOver(..) => "handed over",
            State::Ended => "ended",
        };
        f.debug_struct("TryToThread").field("function", &type_name::<F>()).field("state", &state).finish()
    }
}

/// The future of [`to_thread`].
#[must_use = "the function is called only if this is awaited"]
pub struct ToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    inner: TryToThread<F, T>,
}

impl<F, T> Future for ToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.inner).poll(cx).map(|done| match done {
            Ok(output) => output,
            Err(error) => panic!("{error}: {}", error.error),
        })
    }
}

impl<F, T> fmt::Debug for ToThread<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// No thread could be started for a function, and there is none that it could wait for.
#[non_exhaustive]
pub struct SpawnError<F> {
    /// What the operating system said.
    pub error: io::Error,
    /// The function, which was not called.
    pub function: F,
}

impl<F> fmt::Debug for SpawnError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<F> fmt::Display for SpawnError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system starts no thread for a blocking function")
    }
}

impl<F> Error for SpawnError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// asyncio's number of threads.
fn limit() -> usize {
    thread::available_parallelism().map_or(1, usize::from).saturating_add(4).min(32)
}
