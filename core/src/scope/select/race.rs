use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::start::Start;
use crate::scope::branch::{Scope, flag};
use crate::scope::error::CancelledError;
use crate::scope::pass::current_branch;
use crate::scope::slot::raise;
use crate::scope::tree::outer_has_expired;

/// Set in the scope's own byte when the race was won in the last chance before a deadline around it asks.
pub(super) const RACED: u8 = 2;

/// The slots of a race, by number.
pub trait Slots {
    type Outcome;
    const LEN: usize;

    /// Polls one, unless it is done. Whether it gave a value, now or before.
    fn advance(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> bool;
    /// Asks one to end, unless it is done or is dealing with a request already, and polls it.
    fn end(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>);
    fn all_done(&self) -> bool;
    /// What each gave, when all are done.
    fn take(self: Pin<&mut Self>) -> Self::Outcome;
    /// How the first one was cancelled, when all have ended so.
    fn cancelled(self: Pin<&mut Self>) -> Option<CancelledError>;
}

pin_project! {
    /// A race of slots whose number is known when it is compiled.
    pub struct Race<S> {
        #[pin]
        slots: S,
        start: Start,
        won: bool,
    }
}

impl<S> Race<S> {
    pub(super) fn new(slots: S, start: Start) -> Self {
        Self { slots, start, won: false }
    }
}

impl<S: Slots> Future for Race<S> {
    type Output = S::Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S::Outcome> {
        let this = self.project();
        let (mut slots, won) = (this.slots, this.won);
        if !*won {
            let start = this.start.next(S::LEN);
            // No further than to the winner, so that one that is ready too keeps what it has for being asked to end.
            *won = (start..S::LEN).chain(0..start).any(|index| slots.as_mut().advance(index, cx));
            if *won {
                hold_if_expired();
            }
        }
        if *won {
            for index in 0..S::LEN {
                slots.as_mut().end(index, cx);
            }
        }
        if !slots.all_done() {
            return Poll::Pending;
        }
        if !*won {
            // It goes on outwards.
            if let Some(cancelled) = slots.cancelled() {
                raise(cancelled, cx);
            }
            return Poll::Pending;
        }
        Poll::Ready(slots.take())
    }
}

/// If a deadline around the race passes in the moment in which it is won, the request that follows is held back: what
/// the winner gave would be lost, and the losers' cleanup cut before it began.
pub(super) fn hold_if_expired() {
    let branch = current_branch();
    // SAFETY: SCOPE: the branch that is being polled is valid, and one that is no root is the start of a scope.
    unsafe {
        if let Some(b) = branch.as_ref()
            && b.has(flag::SCOPE)
            && outer_has_expired(branch)
        {
            let scope: &Scope = &*branch.cast();
            scope.mark(RACED);
            scope.hold();
        }
    }
}
