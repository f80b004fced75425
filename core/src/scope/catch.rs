use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::branch::{Scope, as_branch};
use super::error::CancelledError;
use super::kind::ScopeKind;
use super::message::message;
use super::pass::{Pass, drop_inner, is_there, pass};
use super::tree::finish;

/// Runs `future`; a cancellation that reaches it drops it and is given back as an error, so that the code after the
/// await can clean up, also asynchronously. Then it goes on with [`CancelledError::resume`], or swallows the request.
///
/// The `try: ... except CancelledError:` of asyncio. A request that comes while the cleanup runs is a new one and
/// cuts the cleanup at its await, unless that has a `catch_cancel` of its own.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// use everloop_core::{Duration, catch_cancel, create_task, sleep};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: everloop_core::TaskPool<1, 512> = everloop_core::TaskPool::new();
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let mut task = create_task(async {
///     if let Err(cancelled) = catch_cancel(sleep(Duration::from_secs(3600))).await {
///         sleep(Duration::from_millis(10)).await; // cleaning up
///         cancelled.resume().await;
///     }
/// });
/// sleep(Duration::from_millis(1)).await;
/// task.cancel();
/// assert!((&mut task).await.is_err());
/// assert!(task.cancelled());
/// # }).unwrap();
/// ```
///
/// In a `join!` of another crate, the cleanup after a bare `catch_cancel` can be cut when a sibling surfaces first,
/// and a branch without any scope is reached only by a second request; `gather` does neither.
///
/// # Cancel safety
/// As `future` is.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// As `future` does.
pub fn catch_cancel<F: IntoFuture>(future: F) -> CatchCancel<F::IntoFuture> {
    CatchCancel { inner: Some(future.into_future()), scope: Scope::new(ScopeKind::CatchCancel) }
}

pin_project! {
    /// The future of [`catch_cancel`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct CatchCancel<F> {
        #[pin]
        inner: Option<F>,
        #[pin]
        scope: Scope,
    }

    impl<F> PinnedDrop for CatchCancel<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            drop_inner(this.scope.as_ref(), this.inner);
        }
    }
}

impl<F> CatchCancel<F> {
    pub(super) fn scope(self: Pin<&mut Self>) -> Pin<&Scope> {
        self.project().scope.into_ref()
    }
}

impl<F: Future> Future for CatchCancel<F> {
    type Output = Result<F::Output, CancelledError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let scope = this.scope.as_ref();
        assert!(is_there(this.inner.as_mut()), "`catch_cancel` was polled after it was ready");
        match pass(scope, this.inner, cx) {
            Pass::Pending => Poll::Pending,
            Pass::Ready(value) => Poll::Ready(Ok(value)),
            Pass::Cancelled => {
                // SAFETY: SCOPE: the inner future is dropped.
                let message = unsafe {
                    let message = message(as_branch(scope.get_ref()));
                    finish(scope.get_ref());
                    message
                };
                Poll::Ready(Err(CancelledError::new(message)))
            }
        }
    }
}
