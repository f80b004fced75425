//! What every queue keeps, whatever the order of its items, and who may take what.

use core::cell::{Cell, RefCell};

use super::error::{TaskDoneError, TryGetError, TryPutError};
use super::order::Line;
use super::storage::QueueStorage;
use crate::waiter::{Attempt, Granted, WaitList};

/// How far a queue was shut down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shut {
    Open,
    /// Nothing goes in; what is in can still be got.
    Draining,
    /// What was in was dropped.
    Empty,
}

/// Invariant **CLAIMS**: `claimed` items are promised to getters that were granted and have not run yet, `reserved`
/// free places to such putters. A getter waits only while every item is claimed, a putter only while every free
/// place is reserved; so who comes later never passes one who waits.
///
/// Only [`settle`](Self::settle), [`take_claimed`](Self::take_claimed) and [`try_get`](Self::try_get) may run foreign code:
/// the comparisons of a priority queue. Nothing is counted before it, so that a panic leaves all as it was; and the
/// items are borrowed meanwhile, so that using this queue from inside is a panic, if not refused by the lock before.
pub(super) struct State<L, S: QueueStorage> {
    items: RefCell<L>,
    limit: S::Limit,
    claimed: Cell<usize>,
    reserved: Cell<usize>,
    pub(super) unfinished: Cell<usize>,
    shut: Cell<Shut>,
    pub(super) getters: WaitList,
    pub(super) putters: WaitList,
    pub(super) joiners: WaitList,
}

impl<L, S: QueueStorage> State<L, S> {
    pub(super) const fn new(items: L, limit: S::Limit) -> Self {
        Self {
            items: RefCell::new(items),
            limit,
            claimed: Cell::new(0),
            reserved: Cell::new(0),
            unfinished: Cell::new(0),
            shut: Cell::new(Shut::Open),
            getters: WaitList::new(),
            putters: WaitList::new(),
            joiners: WaitList::new(),
        }
    }
}

impl<L: Line, S: QueueStorage> State<L, S> {
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// How many items fit in; `None` without a limit.
    pub(super) fn room(&self) -> Option<usize> {
        S::room(self.limit)
    }

    pub(super) fn is_shut(&self) -> bool {
        self.shut.get() != Shut::Open
    }

    /// Makes room for so many items in all. False if there is no memory.
    #[cfg(feature = "alloc")]
    pub(super) fn reserve(&self, len: usize) -> bool {
        let len = self.room().map_or(len, |room| room.min(len));
        self.items.borrow_mut().reserve(len)
    }

    /// Brings one item into its place. False if all are there.
    pub(super) fn settle(&self) -> bool {
        self.items.borrow_mut().settle()
    }

    /// Items that are not promised.
    #[cfg_attr(feature = "std", inline)]
    fn available(&self) -> usize {
        self.available_of(self.len())
    }

    /// As [`available`](Self::available), of so many that are in.
    #[cfg_attr(feature = "std", inline)]
    fn available_of(&self, len: usize) -> usize {
        // Nothing that is being dropped by a shut-down is to be had.
        if self.shut.get() == Shut::Empty { 0 } else { len - self.claimed.get() }
    }

    /// Whether a place is free that is not promised.
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn has_room(&self) -> bool {
        self.has_room_beside(self.len())
    }

    /// As [`has_room`](Self::has_room), beside so many that are in.
    #[cfg_attr(feature = "std", inline)]
    fn has_room_beside(&self, len: usize) -> bool {
        match self.room() {
            Some(capacity) => len + self.reserved.get() < capacity,
            None => true,
        }
    }

    /// Claims an item for a getter that did not wait.
    pub(super) fn try_claim(&self) -> Attempt {
        if self.available() > 0 {
            self.claimed.set(self.claimed.get() + 1);
            Attempt::Taken
        } else if self.shut.get() == Shut::Open {
            Attempt::Wait
        } else {
            Attempt::Refused
        }
    }

    /// A getter that has a claim takes the item that is next now. `None` if it was dropped by a shut-down.
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn take_claimed(&self) -> (Option<L::Item>, Option<Granted>) {
        if self.shut.get() == Shut::Empty {
            return (None, None);
        }
        let item = self.items.borrow_mut().pop();
        self.claimed.set(self.claimed.get() - 1);
        (item, self.grant_putter())
    }

    /// A getter that has a claim will not use it.
    pub(super) fn return_claim(&self) -> Option<Granted> {
        if self.shut.get() == Shut::Empty {
            return None;
        }
        self.claimed.set(self.claimed.get() - 1);
        self.grant_getter()
    }

    /// Reserves a place for a putter that did not wait.
    pub(super) fn try_reserve(&self) -> Attempt {
        if self.is_shut() {
            Attempt::Refused
        } else if self.has_room() {
            self.reserved.set(self.reserved.get() + 1);
            Attempt::Taken
        } else {
            Attempt::Wait
        }
    }

    /// A putter that has a reservation uses it. The item comes back if the queue was shut down meanwhile, or if there is
    /// no memory.
    pub(super) fn put_reserved(&self, item: L::Item) -> (Result<(), TryPutError<L::Item>>, Option<Granted>) {
        self.reserved.set(self.reserved.get() - 1);
        if self.is_shut() {
            return (Err(TryPutError::QueueShutDown(item)), None);
        }
        let pushed = self.items.borrow_mut().push(item);
        self.pushed(pushed)
    }

    /// An item was put into a place that was its own, or there was no memory.
    #[cfg_attr(feature = "std", inline)]
    fn pushed(&self, pushed: Result<(), L::Item>) -> (Result<(), TryPutError<L::Item>>, Option<Granted>) {
        if let Err(item) = pushed {
            return (Err(TryPutError::OutOfMemory(item)), self.grant_putter());
        }
        // No overflow in a queue that is used for ever by those who never say that an item is dealt with.
        self.unfinished.set(self.unfinished.get().saturating_add(1));
        (Ok(()), self.grant_getter())
    }

    /// A putter that has a reservation will not use it.
    pub(super) fn return_reservation(&self) -> Option<Granted> {
        self.reserved.set(self.reserved.get() - 1);
        self.grant_putter()
    }

    #[cfg_attr(feature = "std", inline)]
    pub(super) fn try_put(&self, item: L::Item) -> (Result<(), TryPutError<L::Item>>, Option<Granted>) {
        if self.is_shut() {
            return (Err(TryPutError::QueueShutDown(item)), None);
        }
        let pushed = {
            let mut items = self.items.borrow_mut();
            if !self.has_room_beside(items.len()) {
                return (Err(TryPutError::QueueFull(item)), None);
            }
            items.push(item)
        };
        self.pushed(pushed)
    }

    #[cfg_attr(feature = "std", inline)]
    pub(super) fn try_get(&self) -> Result<(L::Item, Option<Granted>), TryGetError> {
        let item = {
            let mut items = self.items.borrow_mut();
            if self.available_of(items.len()) > 0 { items.pop() } else { None }
        };
        match item {
            Some(item) => Ok((item, self.grant_putter())),
            None if self.is_shut() => Err(TryGetError::QueueShutDown),
            None => Err(TryGetError::QueueEmpty),
        }
    }

    /// Promises an item that is not promised to the getter that waits longest.
    #[cfg_attr(feature = "std", inline)]
    fn grant_getter(&self) -> Option<Granted> {
        // Mostly nobody waits.
        if self.getters.is_empty() { None } else { self.grant_waiting_getter() }
    }

    fn grant_waiting_getter(&self) -> Option<Granted> {
        // Those who still wait during a shut-down are about to be refused, and then look for themselves, as do those before
        // them who were refused already.
        if self.shut.get() != Shut::Open || self.available() == 0 {
            return None;
        }
        let granted = self.getters.grant()?;
        self.claimed.set(self.claimed.get() + 1);
        Some(granted)
    }

    /// Promises a place that is not promised to the putter that waits longest.
    #[cfg_attr(feature = "std", inline)]
    fn grant_putter(&self) -> Option<Granted> {
        if self.putters.is_empty() { None } else { self.grant_waiting_putter() }
    }

    fn grant_waiting_putter(&self) -> Option<Granted> {
        if self.is_shut() || !self.has_room() {
            return None;
        }
        let granted = self.putters.grant()?;
        self.reserved.set(self.reserved.get() + 1);
        Some(granted)
    }

    /// An item is dealt with. Whether joins have ended with it.
    pub(super) fn task_done(&self) -> Result<bool, TaskDoneError> {
        self.unfinished.set(self.unfinished.get().checked_sub(1).ok_or(TaskDoneError)?);
        Ok(self.end_joins())
    }

    /// Ends the joins that go on, if all is dealt with; those are then to be granted. At the same moment, since who begins
    /// to join later may do so for an item that was put since.
    pub(super) fn end_joins(&self) -> bool {
        let ends = self.unfinished.get() == 0;
        if ends {
            self.joiners.begin_epoch();
        }
        ends
    }

    /// Lets nothing in any more. `immediate`: what is in counts as dealt with, and is to be taken out by
    /// [`discard_one`](Self::discard_one).
    pub(super) fn shut_down(&self, immediate: bool) {
        // Before anything is changed: inside a comparison this panics.
        let len = self.len();
        if self.shut.get() == Shut::Open {
            self.shut.set(Shut::Draining);
        }
        if immediate && self.shut.get() != Shut::Empty {
            self.shut.set(Shut::Empty);
            self.claimed.set(0);
            self.unfinished.set(self.unfinished.get().saturating_sub(len));
        }
    }

    /// Takes an item out to be dropped. `None` when none is left.
    pub(super) fn discard_one(&self) -> Option<L::Item> {
        self.items.borrow_mut().discard()
    }
}
