use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::branch::Scope;
use super::pass::{Pass, drop_inner, pass};
use super::tree::surface;

/// Runs `future` to its end, whatever is asked of the task meanwhile: a request to cancel is held back and delivered
/// at the next await after it. asyncio's `shield`, for a future that is part of this task.
///
/// To go on at once and leave the work running, make it a task: dropping its handle detaches it.
///
/// Dropping the future of `shield` drops `future` at once, as always.
///
/// # Differs from asyncio
/// There the shielded future is always a task of its own, and the awaiter is cancelled at once.
///
/// # Cancel safety
/// As `future` is, if dropped. A cancellation does not reach it.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// As `future` does.
pub fn shield<F: IntoFuture>(future: F) -> Shield<F::IntoFuture> {
    Shield { inner: Some(future.into_future()), scope: Scope::shield() }
}

pin_project! {
    /// The future of [`shield`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct Shield<F> {
        #[pin]
        inner: Option<F>,
        #[pin]
        scope: Scope,
    }

    impl<F> PinnedDrop for Shield<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            drop_inner(this.scope.as_ref(), this.inner);
        }
    }
}

impl<F: Future> Future for Shield<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let scope = this.scope.as_ref();
        match pass(scope, this.inner, cx) {
            Pass::Pending => Poll::Pending,
            Pass::Ready(value) => Poll::Ready(value),
            Pass::Cancelled => {
                // Code inside resumed a cancellation of its own, which goes on outwards.
                // SAFETY: SCOPE: the inner future is dropped.
                unsafe { surface(scope.get_ref()) };
                Poll::Pending
            }
        }
    }
}
