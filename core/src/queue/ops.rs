//! What can be waited for at a queue.

use super::order::Order;
use super::ordered::Queue;
use super::state::State;
use super::storage::QueueStorage;
use crate::WaitReason;
use crate::flavour::Flavour;
use crate::guarded::Guarded;
use crate::waiter::{Attempt, Granted, Source, WaitList};

/// Waits for an item.
pub(super) struct Getter<'a, T, S: QueueStorage, R: Flavour, O: Order<T>>(pub(super) &'a Queue<T, S, R, O>);

/// Waits for a free place.
pub(super) struct Putter<'a, T, S: QueueStorage, R: Flavour, O: Order<T>>(pub(super) &'a Queue<T, S, R, O>);

/// Waits until all items are dealt with.
pub(super) struct Joiner<'a, T, S: QueueStorage, R: Flavour, O: Order<T>>(pub(super) &'a Queue<T, S, R, O>);

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> Source for Getter<'_, T, S, R, O> {
    type Flavour = R;
    type State = State<O::Line<S>, S>;
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

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> Source for Putter<'_, T, S, R, O> {
    type Flavour = R;
    type State = State<O::Line<S>, S>;
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

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> Source for Joiner<'_, T, S, R, O> {
    type Flavour = R;
    type State = State<O::Line<S>, S>;
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
