use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::{GatherSet, TryGatherSet, sealed};
use crate::scope::crowd::Crowd;
use crate::scope::slot::{Outcome, Slot, raise};

/// All of a `Vec`.
pub struct AllOfVec<F: Future> {
    crowd: Crowd<F>,
}

/// All of a `Vec`, or the first error.
pub struct TryAllOfVec<F: Future> {
    crowd: Crowd<F>,
    /// The first in order of those that ended with an error.
    failed: Option<usize>,
    /// The first that ended by a cancellation.
    raising: Option<usize>,
}

impl<F: Future> Future for AllOfVec<F> {
    type Output = Vec<Outcome<F::Output>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let crowd = &mut self.crowd;
        crowd.begin(cx.waker());
        while let Some(index) = crowd.next() {
            crowd.poll(index, Slot::advance);
        }
        if !crowd.all_done() {
            return Poll::Pending;
        }
        Poll::Ready(crowd.take_all(Slot::take))
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> Future for TryAllOfVec<F> {
    type Output = Result<Vec<T>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.crowd.begin(cx.waker());
        while let Some(index) = this.crowd.next() {
            this.crowd.poll(index, Slot::advance);
            let slot = this.crowd.slot(index);
            if slot.has_error() {
                this.failed = Some(this.failed.map_or(index, |failed| failed.min(index)));
            } else if slot.cancelled().is_some() {
                this.raising.get_or_insert(index);
            }
        }
        let done = this.crowd.all_done();
        if let Some(index) = this.failed
            && let Some(error) = this.crowd.slot(index).error(done)
        {
            return Poll::Ready(Err(error));
        }
        if let Some(index) = this.raising
            && let Some(cancelled) = this.crowd.slot(index).cancelled()
        {
            // Again in each pass, as long as others clean up: what is asked of a scope is forgotten when it moves.
            raise(cancelled, cx);
            return Poll::Pending;
        }
        if !done {
            return Poll::Pending;
        }
        Poll::Ready(Ok(this.crowd.take_all(Slot::value)))
    }
}

impl<F: IntoFuture> sealed::Sealed for Vec<F> {}

impl<F: IntoFuture> GatherSet for Vec<F> {
    type Outcomes = Vec<Outcome<F::Output>>;
    type All = AllOfVec<F::IntoFuture>;

    fn all(self) -> Self::All {
        AllOfVec { crowd: Crowd::new(self) }
    }
}

impl<T, E, F: IntoFuture<Output = Result<T, E>>> TryGatherSet for Vec<F> {
    type Result = Result<Vec<T>, E>;
    type All = TryAllOfVec<F::IntoFuture>;

    fn try_all(self) -> Self::All {
        TryAllOfVec { crowd: Crowd::new(self), failed: None, raising: None }
    }
}
