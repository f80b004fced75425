use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::branch::Scope;
use super::kind::ScopeKind;
use super::pass::{Pass, drop_inner, pass_and_stay};
use super::slot::FAILED;
use super::tree::{finish, finish_and_ask_again, surface};
use crate::{WaitReason, waits_on};

mod array;
mod tuple;
#[cfg(feature = "alloc")]
mod vec;

/// What can be gathered: a tuple of up to eight futures, an array of any number of one type, or, with the feature
/// `alloc`, a `Vec` of them.
pub trait GatherSet: sealed::Sealed {
    /// The outcome of each, in the order of the arguments.
    type Outcomes;
    #[doc(hidden)]
    type All: Future<Output = Self::Outcomes>;
    #[doc(hidden)]
    fn all(self) -> Self::All;
}

/// What can be gathered until the first error: as [`GatherSet`], of futures whose outputs are results with one type
/// of error.
pub trait TryGatherSet: sealed::Sealed {
    /// The value of each, in the order of the arguments, or the first error.
    type Result;
    #[doc(hidden)]
    type All: Future<Output = Self::Result>;
    #[doc(hidden)]
    fn try_all(self) -> Self::All;
}

mod sealed {
    pub trait Sealed {}
}

/// Runs all of `futures` at once, as parts of this task, and gives the outcome of each, in their order. asyncio's
/// `gather(..., return_exceptions=True)`.
///
/// An outcome is an error if that future ended by a cancellation of its own. A cancellation of this task reaches all
/// of them, waits until each has cleaned up, and then goes on outwards, even if all of them swallowed it.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::{Duration, Instant, gather, sleep};
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// let start = Instant::now();
/// let slow = async { sleep(Duration::from_secs(2)).await; "slow" };
/// let quick = async { sleep(Duration::from_secs(1)).await; 1 };
/// assert_eq!(gather((slow, quick)).await, (Ok("slow"), Ok(1)));
/// assert_eq!(start.elapsed(), Duration::from_secs(2));
/// # }).unwrap();
/// ```
///
/// What comes from an iterator is collected first: `gather(iter.collect::<Vec<_>>())`. Of a `Vec` only those futures
/// are polled that were woken, first woken first, so that it may be long.
///
/// # Cancel safety
/// As the futures are. Dropping it drops them.
///
/// # Allocation
/// None, but for a `Vec`: room for the futures, and a counted waker for each.
///
/// # Wakes from interrupts
/// As the futures do.
pub fn gather<G: GatherSet>(futures: G) -> Gather<G::All> {
    Gather { inner: Some(futures.all()), scope: Scope::new(ScopeKind::Gather) }
}

/// Runs all of `futures` at once, as parts of this task, and gives their values in order, or the first error as soon
/// as it is there. asyncio's `gather`.
///
/// At the first error the other futures are dropped; a task among them, given by `&mut` or by its handle, runs on. A
/// future that ends by a cancellation of its own cancels the whole.
///
/// A cancellation of this task reaches all of them, waits until each has cleaned up, and then goes on outwards. If the
/// cleanup of one fails, that error is given first, of several the first in the order of the arguments, and the
/// cancellation is delivered at the next await.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::try_gather;
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// assert_eq!(try_gather((async { Ok::<_, &str>(1) }, async { Ok("two") })).await, Ok((1, "two")));
/// assert_eq!(try_gather([async { Err::<(), _>("first") }, ]).await, Err("first"));
/// # }).unwrap();
/// ```
///
/// # Cancel safety
/// As the futures are. Dropping it drops them.
///
/// # Allocation
/// As for [`gather`].
///
/// # Wakes from interrupts
/// As the futures do.
pub fn try_gather<G: TryGatherSet>(futures: G) -> TryGather<G::All> {
    TryGather { inner: Some(futures.try_all()), scope: Scope::new(ScopeKind::Gather) }
}

/// Set in the scope's own byte when a cancellation goes on outwards: pending for good.
const SURFACED: u8 = 1;

macro_rules! gather_future {
    ($(#[$doc:meta])* $name:ident) => {
        pin_project! {
            $(#[$doc])*
            #[must_use = "futures do nothing unless awaited"]
            pub struct $name<A> {
                #[pin]
                inner: Option<A>,
                #[pin]
                scope: Scope,
            }

            impl<A> PinnedDrop for $name<A> {
                fn drop(this: Pin<&mut Self>) {
                    let this = this.project();
                    drop_inner(this.scope.as_ref(), this.inner);
                }
            }
        }

        impl<A: Future> Future for $name<A> {
            type Output = A::Output;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<A::Output> {
                let this = self.project();
                poll(this.scope.as_ref(), this.inner, cx)
            }
        }
    };
}

gather_future! {
    /// The future of [`gather`].
    Gather
}

gather_future! {
    /// The future of [`try_gather`].
    TryGather
}

/// Polls what all of `inner` makes; a cancellation that one of them took goes on outwards when all have ended.
pub(super) fn poll<A: Future>(
    scope: Pin<&Scope>,
    inner: Pin<&mut Option<A>>,
    cx: &mut Context<'_>,
) -> Poll<A::Output> {
    if scope.is(SURFACED) {
        return Poll::Pending;
    }
    match pass_and_stay(scope, inner, cx) {
        Pass::Pending => {
            waits_on(WaitReason::Gather);
            return Poll::Pending;
        }
        // Once one of them took the request, it goes on outwards, whatever they made of it.
        Pass::Ready(outcomes) if !scope.was_taken() => {
            // SAFETY: SCOPE: the inner future is dropped.
            unsafe { finish(scope.get_ref()) };
            return Poll::Ready(outcomes);
        }
        // Neither is an error lost to it, nor it to the error: it is delivered at the next await.
        Pass::Ready(outcomes) if scope.is(FAILED) => {
            // SAFETY: SCOPE: the inner future is dropped, and the scope is being polled.
            unsafe { finish_and_ask_again(scope.get_ref()) };
            return Poll::Ready(outcomes);
        }
        Pass::Ready(_) | Pass::Cancelled => {}
    }
    scope.mark(SURFACED);
    // SAFETY: SCOPE: the inner future is dropped.
    unsafe { surface(scope.get_ref()) };
    Poll::Pending
}
