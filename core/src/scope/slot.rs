use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::branch::Scope;
use super::catch::{CatchCancel, catch_cancel};
use super::error::CancelledError;
use super::pass::current_branch;

/// Set in the own byte of the scope around several futures when one of their errors is given though a request was on its
/// way: that is then not lost.
pub(super) const FAILED: u8 = 2;

/// How one of several futures ended.
pub(super) type Outcome<T> = Result<T, CancelledError>;

pin_project! {
    /// One of several futures, in a scope of its own so that its cleanup is protected, and then its outcome.
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
        let Poll::Ready(outcome) = future.poll(cx) else { return false };
        self.set(Self::Done { outcome: Some(outcome) });
        true
    }

    /// Asks the future to end, unless it is dealing with a request already, and polls it. Whether it is done now.
    ///
    /// If it is not, then nobody above has handed one down, and that this one is taken shows to nobody there.
    pub(super) fn end(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        if let SlotProjection::Running { future } = self.as_mut().project() {
            let scope = future.scope();
            if !scope.is_dealing() {
                scope.ask();
            }
        }
        self.advance(cx)
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// Whether the future is done and gave a value.
    pub(super) fn has_value(&self) -> bool {
        matches!(self, Self::Done { outcome: Some(Ok(_)) })
    }

    /// Takes the outcome of a future that is done.
    pub(super) fn take(self: Pin<&mut Self>) -> Outcome<F::Output> {
        match self.project() {
            SlotProjection::Done { outcome } => outcome.take().unwrap_or_else(|| unreachable!()),
            SlotProjection::Running { .. } => unreachable!("it is taken when all are done"),
        }
    }

    /// How the future was cancelled, if it ended so.
    pub(super) fn cancelled(self: Pin<&mut Self>) -> Option<CancelledError> {
        self.outcome()?.as_ref().err().copied()
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
    pub(super) fn has_error(&self) -> bool {
        matches!(self, Self::Done { outcome: Some(Ok(Err(_))) })
    }

    /// Takes the error that the future ended with, if it is time to give it: at once, but while a cancellation is
    /// under way only when all are `done`, since giving it drops the others.
    pub(super) fn error(self: Pin<&mut Self>, done: bool) -> Option<E> {
        if !self.has_error() {
            return None;
        }
        let around = current_branch();
        // SAFETY: SCOPE: the branch that is being polled is valid, and it is that of a scope, whose slots are polled in it.
        if let Some(scope) = unsafe { around.cast::<Scope>().as_ref() }
            && scope.is_dealing()
        {
            if !done {
                return None;
            }
            scope.mark(FAILED);
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

/// Has a cancellation go on outwards: it marks the branch that is being polled, which then drops its inside.
pub(super) fn raise(cancelled: CancelledError, cx: &mut Context<'_>) {
    // It stays pending.
    let _ = core::pin::pin!(cancelled.resume()).poll(cx);
}
