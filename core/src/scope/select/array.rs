use core::array;
use core::pin::Pin;
use core::task::Context;

use super::race::{Race, Slots};
use super::{SelectSet, Start, sealed};
use crate::scope::error::CancelledError;
use crate::scope::slot::Slot;

/// The `index`th of pinned slots.
fn slot<F: Future, const N: usize>(slots: Pin<&mut [Slot<F>; N]>, index: usize) -> Pin<&mut Slot<F>> {
    // SAFETY: an element of a pinned array is pinned: nothing here moves it.
    unsafe { slots.map_unchecked_mut(|slots| &mut slots[index]) }
}

impl<F: Future, const N: usize> Slots for [Slot<F>; N] {
    type Outcome = [Option<F::Output>; N];
    const LEN: usize = {
        assert!(N > 0, "select needs at least one future: a race of none would never end");
        N
    };

    fn advance(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) -> bool {
        let mut slot = slot(self, index);
        slot.as_mut().advance(cx);
        slot.has_value()
    }

    fn end(self: Pin<&mut Self>, index: usize, cx: &mut Context<'_>) {
        slot(self, index).end(cx);
    }

    fn all_done(&self) -> bool {
        self.iter().all(Slot::is_done)
    }

    fn cancelled(self: Pin<&mut Self>) -> Option<CancelledError> {
        slot(self, 0).cancelled()
    }

    fn take(mut self: Pin<&mut Self>) -> Self::Outcome {
        array::from_fn(|index| slot(self.as_mut(), index).take().ok())
    }
}

impl<F: IntoFuture, const N: usize> sealed::Sealed for [F; N] {}

impl<F: IntoFuture, const N: usize> SelectSet for [F; N] {
    type Outcome = [Option<F::Output>; N];
    type Race = Race<[Slot<F::IntoFuture>; N]>;

    fn race(self, start: Start) -> Self::Race {
        Race::new(self.map(|future| Slot::new(future.into_future())), start)
    }
}
