use core::pin::Pin;
use core::task::Context;

use pin_project_lite::pin_project;

use super::Outcome;
use crate::scope::branch::is_dealing;
use crate::scope::catch::{CatchCancel, catch_cancel};
use crate::scope::current_branch;

pin_project! {
    /// One of the futures, in a scope of its own so that its cleanup is protected, and then its outcome.
    #[project = SlotProjection]
    pub enum Slot<F: Future> {
        Running { #[pin] future: CatchCancel<F> },
        Done { outcome: Option<Outcome<F::Output>> },
    }
}

impl<F: Future> Slot<F> {
    pub(super) fn new(future: F) -> Self {
        Self::Running { future: catch_cancel(future) }
    }

    /// Polls the future, unless it is done. Whether it is done now.
    pub(super) fn advance(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        let SlotProjection::Running { future } = self.as_mut().project() else { return true };
        let core::task::Poll::Ready(outcome) = future.poll(cx) else { return false };
        self.set(Self::Done { outcome: Some(outcome) });
        true
    }

    /// Takes the outcome of a future that is done.
    pub(super) fn take(self: Pin<&mut Self>) -> Outcome<F::Output> {
        match self.project() {
            SlotProjection::Done { outcome } => outcome.take().unwrap_or_else(|| unreachable!()),
            SlotProjection::Running { .. } => unreachable!("it is taken when all are done"),
        }
    }

    /// The outcome by reference, if it is there.
    fn outcome(self: Pin<&mut Self>) -> Option<&mut Outcome<F::Output>> {
        match self.project() {
            SlotProjection::Running { .. } => None,
            SlotProjection::Done { outcome } => outcome.as_mut(),
        }
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> Slot<F> {
    /// As [`advance`](Self::advance). A future that ended by cancellation takes the whole with it, and is never done.
    pub(super) fn advance_or_raise(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        let done = self.as_mut().advance(cx);
        let Some(Err(cancelled)) = self.outcome() else { return done };
        // It marks the branch that is being polled, and stays pending.
        let _ = core::pin::pin!((*cancelled).resume()).poll(cx);
        false
    }

    /// Takes the error that the future ended with, if it is time to give it: at once, but while a cancellation is
    /// under way only when all are `done`, since giving it drops the others.
    pub(super) fn error(mut self: Pin<&mut Self>, done: bool) -> Option<E> {
        if !matches!(self.as_mut().outcome(), Some(Ok(Err(_)))) || !(done || is_undisturbed()) {
            return None;
        }
        self.take().ok()?.err()
    }

    /// Takes the value of a future that is done, without an error.
    pub(super) fn value(self: Pin<&mut Self>) -> T {
        match self.take() {
            Ok(Ok(value)) => value,
            _ => unreachable!("errors and cancellations are looked at first"),
        }
    }
}

/// Whether nothing inside the scope that is being polled is dealing with a request.
fn is_undisturbed() -> bool {
    // SAFETY: SCOPE: the branch that is being polled is valid.
    unsafe { current_branch().as_ref() }.is_none_or(|branch| !is_dealing(branch))
}
