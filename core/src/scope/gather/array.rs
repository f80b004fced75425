use core::array;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{GatherSet, TryGatherSet, sealed};
use crate::scope::slot::{Outcome, Slot, raise};

pin_project! {
    /// All of an array.
    pub struct AllOf<S> {
        #[pin]
        slots: S,
    }
}

pin_project! {
    /// All of an array, or the first error.
    pub struct TryAllOf<S> {
        #[pin]
        slots: S,
    }
}

/// The `index`th of pinned slots.
fn slot<F: Future, const N: usize>(slots: Pin<&mut [Slot<F>; N]>, index: usize) -> Pin<&mut Slot<F>> {
    // SAFETY: an element of a pinned array is pinned: nothing here moves it.
    unsafe { slots.map_unchecked_mut(|slots| &mut slots[index]) }
}

impl<F: Future, const N: usize> Future for AllOf<[Slot<F>; N]> {
    type Output = [Outcome<F::Output>; N];

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slots = self.project().slots;
        let mut done = true;
        for index in 0..N {
            done &= slot(slots.as_mut(), index).advance(cx);
        }
        if !done {
            return Poll::Pending;
        }
        Poll::Ready(array::from_fn(|index| slot(slots.as_mut(), index).take()))
    }
}

impl<T, E, F: Future<Output = Result<T, E>>, const N: usize> Future for TryAllOf<[Slot<F>; N]> {
    type Output = Result<[T; N], E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slots = self.project().slots;
        let mut done = true;
        for index in 0..N {
            done &= slot(slots.as_mut(), index).advance(cx);
        }
        for index in 0..N {
            if let Some(error) = slot(slots.as_mut(), index).error(done) {
                return Poll::Ready(Err(error));
            }
        }
        // Of several that were cancelled the first goes on outwards.
        if let Some(cancelled) = (0..N).find_map(|index| slot(slots.as_mut(), index).cancelled()) {
            raise(cancelled, cx);
            return Poll::Pending;
        }
        if !done {
            return Poll::Pending;
        }
        Poll::Ready(Ok(array::from_fn(|index| slot(slots.as_mut(), index).value())))
    }
}

impl<F: IntoFuture, const N: usize> sealed::Sealed for [F; N] {}

impl<F: IntoFuture, const N: usize> GatherSet for [F; N] {
    type Outcomes = [Outcome<F::Output>; N];
    type All = AllOf<[Slot<F::IntoFuture>; N]>;

    fn all(self) -> Self::All {
        AllOf { slots: self.map(|future| Slot::new(future.into_future())) }
    }
}

impl<T, E, F: IntoFuture<Output = Result<T, E>>, const N: usize> TryGatherSet for [F; N] {
    type Result = Result<[T; N], E>;
    type All = TryAllOf<[Slot<F::IntoFuture>; N]>;

    fn try_all(self) -> Self::All {
        TryAllOf { slots: self.map(|future| Slot::new(future.into_future())) }
    }
}
