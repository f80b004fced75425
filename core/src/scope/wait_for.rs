use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::deadline::Limited;
use super::error::TimeoutError;
use crate::{Duration, Instant, Join, Task};

/// Runs `future` for at most `timeout`. asyncio's `wait_for`.
///
/// When the time is up, `future` is polled once more, so that a result that races the deadline is not lost; then it
/// is asked to end, as by a cancellation, and its cleanup runs to its end before the error is given. A zero timeout
/// never polls it; for a task that is there already, see [`Task::wait_for`].
///
/// # Errors
/// [`TimeoutError`] if the time was up and `future` gave no value, not even out of its cleanup.
///
/// # Cancel safety
/// As `future` is. A cancellation from outside reaches `future`, waits for its cleanup, and then surfaces; it is not
/// a timeout, and from then on the deadline cuts nothing, even if `future` swallows the request and works on.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// As `future` does, and by the loop's timer.
///
/// # Panics
/// Outside a running loop.
pub fn wait_for<F: IntoFuture>(future: F, timeout: Duration) -> WaitFor<F::IntoFuture> {
    WaitFor { limited: Limited::new(future.into_future()), deadline: Instant::from_ticks(timeout.as_ticks()) }
}

impl<T> Task<T> {
    /// Awaits the task for at most `timeout`, then cancels it, and waits for its cleanup. As [`wait_for`], but since the
    /// task is under way, a zero timeout gives the output of one that is done, and cancels one that is not.
    ///
    /// # Errors
    /// [`TimeoutError`] if the time was up and the task was cancelled for it; inside, as for the await of the task.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the task running. A cancellation from outside reaches the task, waits for its cleanup,
    /// and then surfaces.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the end of the task, and the loop's timer.
    ///
    /// # Panics
    /// Outside a running loop, and if the task panicked or its output was taken before.
    pub fn wait_for(&mut self, timeout: Duration) -> WaitFor<Join<T, &mut Self>> {
        let mut wait = wait_for(self, timeout);
        if timeout.is_zero() {
            // Begun, with a deadline at the beginning of time, which has passed whenever the loop last looked.
            wait.limited = wait.limited.begun();
        }
        wait
    }
}

pin_project! {
    /// The future of [`wait_for`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct WaitFor<F> {
        #[pin]
        limited: Limited<F>,
        // Until the first poll it is the timeout, as if counted from zero.
        deadline: Instant,
    }
}

impl<F: Future> Future for WaitFor<F> {
    type Output = Result<F::Output, TimeoutError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if !this.limited.as_mut().is_started() {
            let timeout = Duration::from_ticks(this.deadline.as_ticks());
            *this.deadline = Instant::now() + timeout;
            this.limited.as_mut().start();
            if timeout.is_zero() {
                this.limited.as_mut().drop_inner();
                return Poll::Ready(Err(TimeoutError::new()));
            }
        }
        this.limited.poll(this.deadline, "wait_for", cx)
    }
}
