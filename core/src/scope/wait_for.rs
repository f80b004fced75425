use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::branch::{Scope, as_branch, own};
use super::error::TimeoutError;
use super::pass::{Pass, current_branch, drop_inner, pass};
use super::tree::{arrive, finish, outer_has_expired, surface};
use crate::timer::Timer;
use crate::{Duration, Instant, current};

/// Bits of the scope's own byte.
mod state {
    /// The first poll was made and the deadline is known.
    pub(super) const STARTED: u8 = 1;
    /// The deadline passed and the inner future was asked to end.
    pub(super) const EXPIRED: u8 = 2;
    /// A request came from outside.
    pub(super) const OUTSIDE: u8 = 4;
    /// A cancellation goes on outwards: pending for good.
    pub(super) const SURFACED: u8 = 8;
}

/// Runs `future` for at most `timeout`. asyncio's `wait_for`.
///
/// When the time is up, `future` is polled once more, so that a result that races the deadline is not lost; then it
/// is asked to end, as by a cancellation, and its cleanup runs to its end before the error is given. A zero timeout
/// never polls it.
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
    WaitFor {
        inner: Some(future.into_future()),
        timer: Timer::new(),
        scope: Scope::new(),
        timeout,
        deadline: Instant::FAR_FUTURE,
    }
}

pin_project! {
    /// The future of [`wait_for`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct WaitFor<F> {
        #[pin]
        inner: Option<F>,
        #[pin]
        timer: Timer,
        #[pin]
        scope: Scope,
        timeout: Duration,
        deadline: Instant,
    }

    impl<F> PinnedDrop for WaitFor<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            drop_inner(this.scope.as_ref(), this.inner);
        }
    }
}

impl<F: Future> Future for WaitFor<F> {
    type Output = Result<F::Output, TimeoutError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let scope = this.scope.as_ref();
        if scope.is(state::SURFACED) {
            return Poll::Pending;
        }
        assert!(this.inner.is_some(), "`wait_for` was polled after it was ready");
        let first = !scope.is(state::STARTED);
        let handed = scope.was_handed();
        // SAFETY: SCOPE: pinned, and polled under the branch that is being polled.
        unsafe { arrive(scope.get_ref(), current_branch(), cx.waker()) };
        if handed && scope.is_asked() {
            scope.mark(state::OUTSIDE);
            scope.unmark(own::WISH);
            // From now on the deadline decides nothing.
            this.timer.clear();
        }
        if first {
            scope.mark(state::STARTED);
            *this.deadline = Instant::now() + *this.timeout;
            if this.timeout.is_zero() {
                this.inner.set(None);
                // SAFETY: SCOPE: the inner future is dropped.
                unsafe { finish(scope.get_ref()) };
                return Poll::Ready(Err(TimeoutError::new()));
            }
        } else if !scope.is(state::EXPIRED | state::OUTSIDE) && has_passed(*this.deadline) {
            scope.mark(own::LAST_CHANCE);
            let last = pass(scope, this.inner.as_mut(), cx);
            scope.unmark(own::LAST_CHANCE);
            // With an outer deadline that has passed too, the outer one asks, and only it reports.
            // SAFETY: SCOPE.
            if !matches!(last, Pass::Pending) || unsafe { outer_has_expired(as_branch(scope.get_ref())) } {
                return settle(last, scope, this.timer.as_ref());
            }
            scope.mark(state::EXPIRED | own::WISH);
            scope.ask();
        }
        let result = pass(scope, this.inner.as_mut(), cx);
        if matches!(result, Pass::Pending) && !scope.is(state::EXPIRED | state::OUTSIDE) {
            this.timer.as_ref().set(*this.deadline, cx.waker());
        }
        settle(result, scope, this.timer.as_ref())
    }
}

/// Turns the end of a pass into the result.
fn settle<T>(result: Pass<T>, scope: Pin<&Scope>, timer: Pin<&Timer>) -> Poll<Result<T, TimeoutError>> {
    match result {
        Pass::Pending => Poll::Pending,
        Pass::Ready(value) => {
            timer.clear();
            Poll::Ready(Ok(value))
        }
        Pass::Cancelled => {
            timer.clear();
            // SAFETY: SCOPE: the inner future is dropped.
            unsafe {
                if scope.is(state::EXPIRED) && !scope.is(state::OUTSIDE) {
                    finish(scope.get_ref());
                    return Poll::Ready(Err(TimeoutError::new()));
                }
                // Asked from outside, or code inside resumed a cancellation of its own.
                scope.mark(state::SURFACED);
                surface(scope.get_ref());
            }
            Poll::Pending
        }
    }
}

/// Compared with the time that the loop last looked at, so that scopes nested in each other agree.
fn has_passed(deadline: Instant) -> bool {
    current::with(|l| l.sample() >= deadline).unwrap_or(false)
}
