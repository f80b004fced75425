//! Goes on by little, or until nothing moves any more.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;

use everloop_core::{Duration, sleep};

pub const TICK: Duration = Duration::from_millis(1);
/// Longer than any test takes.
pub const HOUR: Duration = Duration::from_secs(3600);

/// Polls a future once, with the waker of this task.
pub async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// Lets all that can run do so.
pub async fn settle() {
    sleep(TICK).await;
}
