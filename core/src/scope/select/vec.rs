use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::race::hold_if_expired;
use super::{SelectSet, Start, sealed};
use crate::scope::crowd::Crowd;
use crate::scope::slot::{Slot, raise};

/// A race of a `Vec`.
pub struct RaceOfVec<F: Future> {
    crowd: Crowd<F>,
    start: Start,
    won: bool,
}

impl<F: Future> Future for RaceOfVec<F> {
    type Output = Vec<Option<F::Output>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { crowd, start, won } = &mut *self;
        let (len, before) = (crowd.len(), *won);
        let woken = crowd.begin(cx.waker());
        match start {
            Start::AtTheFirst => woken.sort(),
            // All of them are in the first pass. Later ones keep the order of the wakes, in which none is passed over.
            Start::Anywhere => woken.turn(start.next(len)),
            Start::After(_) => {}
        }
        while let Some(index) = crowd.next() {
            crowd.poll(index, if before { Slot::end } else { Slot::advance });
            if !before && crowd.slot(index).has_value() {
                *won = true;
                hold_if_expired();
                break;
            }
        }
        if *won && !before {
            for index in 0..len {
                crowd.poll(index, Slot::end);
            }
        }
        if !crowd.all_done() {
            return Poll::Pending;
        }
        if !*won {
            // It goes on outwards.
            if let Some(cancelled) = crowd.slot(0).cancelled() {
                raise(cancelled, cx);
            }
            return Poll::Pending;
        }
        Poll::Ready(crowd.take_all(|slot| slot.take().ok()))
    }
}

impl<F: IntoFuture> sealed::Sealed for Vec<F> {}

impl<F: IntoFuture> SelectSet for Vec<F> {
    type Outcome = Vec<Option<F::Output>>;
    type Race = RaceOfVec<F::IntoFuture>;

    fn race(self, start: Start) -> Self::Race {
        assert!(!self.is_empty(), "select needs at least one future: a race of none would never end");
        RaceOfVec { crowd: Crowd::new(self), start, won: false }
    }
}
