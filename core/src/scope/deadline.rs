//! What `wait_for` and `timeout` share: a scope that asks its inside to end at a deadline.

use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::branch::{Scope, as_branch, own};
use super::error::TimeoutError;
use super::kind::ScopeKind;
use super::pass::{Pass, current_branch, drop_inner, is_there, pass_arrived};
use super::tree::{arrive, finish, outer_has_expired, surface};
use crate::timer::Timer;
use crate::{Instant, current};

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

/// When the time of a [`Limited`] is up. It may change at any time, also in a poll of what is inside.
pub(super) trait Deadline {
    /// Whether the time is up.
    fn is_due(&self) -> bool;

    /// What the timer is about to be set for; [`Instant::FAR_FUTURE`] is never. Whoever changes it from here on must have
    /// the scope polled again.
    fn arm(&self) -> Instant;

    /// Is told once that the time was up before the inside was ready.
    fn expire(&self) {}
}

impl Deadline for Instant {
    #[cfg_attr(feature = "std", inline)]
    fn is_due(&self) -> bool {
        has_passed(*self)
    }

    fn arm(&self) -> Instant {
        *self
    }
}

/// Compared with the time that the loop last looked at, so that scopes nested in each other agree.
#[cfg_attr(feature = "std", inline)]
pub(super) fn has_passed(deadline: Instant) -> bool {
    current::with(|l| l.sample() >= deadline).unwrap_or(false)
}

pin_project! {
    /// A future with a deadline: R8 and R9.
    pub(super) struct Limited<F> {
        #[pin]
        inner: Option<F>,
        #[pin]
        timer: Timer,
        #[pin]
        scope: Scope,
    }

    impl<F> PinnedDrop for Limited<F> {
        fn drop(this: Pin<&mut Self>) {
            this.drop_inner();
        }
    }
}

impl<F> Limited<F> {
    pub(super) fn new(future: F) -> Self {
        Self { inner: Some(future), timer: Timer::new(), scope: Scope::new(ScopeKind::Timeout) }
    }

    /// Whether it was polled, and not only made.
    pub(super) fn is_started(self: Pin<&mut Self>) -> bool {
        self.project().scope.is(state::STARTED)
    }

    /// Whether a cancellation went on outwards from it, and nothing else will come of it.
    pub(super) fn has_surfaced(self: Pin<&mut Self>) -> bool {
        self.project().scope.is(state::SURFACED)
    }

    /// The same, with its deadline known before its first poll.
    pub(super) fn begun(self) -> Self {
        self.scope.mark(state::STARTED);
        self
    }

    /// Says that the deadline is known from here on.
    pub(super) fn start(self: Pin<&mut Self>) {
        self.project().scope.mark(state::STARTED);
    }

    /// Drops what is inside, in place.
    pub(super) fn drop_inner(self: Pin<&mut Self>) {
        let this = self.project();
        drop_inner(this.scope.as_ref(), this.inner);
    }
}

impl<F: Future> Limited<F> {
    /// `what` names it in the panic of a poll too many.
    pub(super) fn poll(
        self: Pin<&mut Self>,
        deadline: &impl Deadline,
        what: &'static str,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, TimeoutError>> {
        let mut this = self.project();
        let scope = this.scope.as_ref();
        if scope.is(state::SURFACED) {
            return Poll::Pending;
        }
        assert!(is_there(this.inner.as_mut()), "`{what}` was polled after it was ready");
        let handed = scope.was_handed();
        // SAFETY: SCOPE: pinned, and polled under the branch that is being polled.
        unsafe { arrive(scope.get_ref(), current_branch(), cx.waker()) };
        if handed && scope.is_asked() {
            scope.mark(state::OUTSIDE);
            scope.unmark(own::WISH);
            // From now on the deadline decides nothing.
            this.timer.clear();
        }
        let open = !scope.is(state::EXPIRED | state::OUTSIDE);
        if open && deadline.is_due() {
            scope.mark(own::LAST_CHANCE);
        }
        let mut result = pass_arrived(scope, this.inner.as_mut(), cx);
        scope.unmark(own::LAST_CHANCE);
        if open && matches!(result, Pass::Pending) {
            // Asked anew, since the deadline may have been moved by what is inside.
            let due = deadline.is_due();
            if due {
                deadline.expire();
            }
            // With an outer deadline that has passed too, the outer one asks, and only it reports.
            // SAFETY: SCOPE.
            if due && !unsafe { outer_has_expired(as_branch(scope.get_ref())) } {
                scope.mark(state::EXPIRED | own::WISH);
                scope.ask();
                result = pass_arrived(scope, this.inner.as_mut(), cx);
            } else {
                // Also when it is left to the outer one, which may yet be moved in this very poll.
                this.timer.as_ref().set(deadline.arm(), cx.waker());
            }
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
