//! What can be waited for at a queue.

use super::fifo::Queue;
use super::state::State;
use super::storage::Storage;
use crate::WaitReason;
use crate::flavour::Flavour;
use crate::guarded::Guarded;
use crate::waiter::{Attempt, Granted, Source, WaitList};

/// Waits for an item.
pub(super) struct Getter<'a, T, S: Storage, R: Flavour>(pub(super) &'a Queue<T, S, R>);

/// Waits for a free place.
pub(super) struct Putter<'a, T, S: Storage, R: Flavour>(pub(super) &'a Queue<T, S, R>);

/// Waits until all items are dealt with.
pub(super) struct Joiner<'a, T, S: Storage, R: Flavour>(pub(super) &'a Queue<T, S, R>);

impl<T, S: Storage, R: Flavour> Source for Getter<'_, T, S, R> {
    type Flavour = R;
    type State = State<S::Fifo<T>>;
    const REASON: WaitReason = WaitReason::QueueGet;

    fn guarded(&self) -> &Guarded<Self::State, R> {
        &self.0.inner
    }

    fn waiters(state: &Self::State) -> &WaitList {
        &state.getters
    }

    fn try_take(state: &Self::State) -> Attempt {
        state.try_claim()
    }

    fn give_back(state: &Self::State) -> Option<Granted> {
        state.return_claim()
    }
}

impl<T, S: Storage, R: Flavour> Source for Putter<'_, T, S, R> {
    type Flavour = R;
    type State = State<S::Fifo<T>>;
    const REASON: WaitReason = WaitReason::QueuePut;

    fn guarded(&self) -> &Guarded<Self::State, R> {
        &self.0.inner
    }

    fn waiters(state: &Self::State) -> &WaitList {
        &state.putters
    }

    fn try_take(state: &Self::State) -> Attempt {
        state.try_reserve()
    }

    fn give_back(state: &Self::State) -> Option<Granted> {
        state.return_reservation()
    }
}

impl<T, S: Storage, R: Flavour> Source for Joiner<'_, T, S, R> {
    type Flavour = R;
    type State = State<S::Fifo<T>>;
    const REASON: WaitReason = WaitReason::QueueJoin;

    fn guarded(&self) -> &Guarded<Self::State, R> {
        &self.0.inner
    }

    fn waiters(state: &Self::State) -> &WaitList {
        &state.joiners
    }

    fn try_take(state: &Self::State) -> Attempt {
        if state.unfinished.get() == 0 { Attempt::Taken } else { Attempt::Wait }
    }

    fn give_back(_: &Self::State) -> Option<Granted> {
        None
    }
}
