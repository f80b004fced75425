//! To let the others run, for runtimes that have no call for it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Pending once, and woken at once.
pub struct YieldNow(bool);

/// Gives way once.
pub fn yield_now() -> YieldNow {
    YieldNow(false)
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
