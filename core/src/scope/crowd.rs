use alloc::boxed::Box;
use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Waker};

use super::slot::Slot;
use super::woken::Woken;

/// Futures whose number is known at run time, of which only those are polled that were woken.
pub(super) struct Crowd<F: Future> {
    slots: Pin<Box<[Slot<F>]>>,
    woken: Woken,
    /// How many are not done.
    left: usize,
}

impl<F: Future> Crowd<F> {
    pub(super) fn new<I: IntoFuture<IntoFuture = F>>(futures: Vec<I>) -> Self {
        let slots: Box<[_]> = futures.into_iter().map(|future| Slot::new(future.into_future())).collect();
        Self { woken: Woken::all(slots.len()), left: slots.len(), slots: Box::into_pin(slots) }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn all_done(&self) -> bool {
        self.left == 0
    }

    /// Begins a pass, whose children [`next`](Woken::next) of the answer gives.
    pub(super) fn begin(&mut self, waker: &Waker) -> &mut Woken {
        self.woken.begin(waker);
        &mut self.woken
    }

    /// The next child of this pass.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.woken.next()
    }

    /// The slot of a child.
    pub(super) fn slot(&mut self, index: usize) -> Pin<&mut Slot<F>> {
        // SAFETY: an element of a pinned slice is pinned: nothing here moves it.
        unsafe { self.slots.as_mut().map_unchecked_mut(|slots| &mut slots[index]) }
    }

    /// Polls a child by `how`, which says whether it is done, with the waker that is its own.
    pub(super) fn poll(
        &mut self,
        index: usize,
        how: impl FnOnce(Pin<&mut Slot<F>>, &mut Context<'_>) -> bool,
    ) {
        // SAFETY: as in `slot`.
        let slot = unsafe { self.slots.as_mut().map_unchecked_mut(|slots| &mut slots[index]) };
        if !slot.is_done() && how(slot, &mut Context::from_waker(self.woken.waker(index))) {
            self.left -= 1;
        }
    }

    /// What `take` makes of each child, in order.
    pub(super) fn take_all<T>(&mut self, mut take: impl FnMut(Pin<&mut Slot<F>>) -> T) -> Vec<T> {
        (0..self.len()).map(|index| take(self.slot(index))).collect()
    }
}
