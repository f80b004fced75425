use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::branch::Scope;
use super::pass::{Pass, drop_inner, pass};
use super::tree::surface;

/// Keeps a cancellation of this task from `work`. asyncio's `shield`.
///
/// Of a [`Task`](crate::Task), by value or by `&mut`, it is the await, but a request to cancel does not reach that task:
/// whoever awaits it is cancelled at once, and the task runs on. If the task itself is cancelled, that shows.
///
/// A future that is part of this task can't run on without it. So it is run to its end, and the request is held back
/// until then and delivered at the next await.
///
/// Dropping the future of `shield` detaches a task, as dropping its handle does, and drops a future at once, as always.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 128> = TaskPool::new();
/// use everloop_core::{Duration, create_task, shield, sleep, wait_for};
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let mut work = create_task(async { sleep(Duration::from_secs(2)).await; 42 });
/// assert!(wait_for(shield(&mut work), Duration::from_secs(1)).await.is_err());
/// assert_eq!(work.await, Ok(42)); // it ran on
/// # }).unwrap();
/// ```
///
/// # Differs from asyncio
/// There what is not a task yet is made one.
///
/// # Cancel safety
/// Of a task, dropping it loses nothing if it was given by `&mut`. Of a future, as that is.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// As `work` does.
pub fn shield<S: Shieldable>(work: S) -> S::Shield {
    work.shielded()
}

/// What [`shield`] takes: a future, or a [`Task`](crate::Task).
pub trait Shieldable {
    /// The future of the shield.
    type Shield: Future;
    #[doc(hidden)]
    fn shielded(self) -> Self::Shield;
}

impl<F: Future> Shieldable for F {
    type Shield = Shield<F>;

    fn shielded(self) -> Shield<F> {
        Shield { inner: Some(self), scope: Scope::shield() }
    }
}

pin_project! {
    /// The future of [`shield`] around a future.
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
