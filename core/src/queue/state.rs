//! What every queue keeps, whatever the order of its items, and who may take what.

use core::cell::{Cell, RefCell};

use super::error::{TryGetError, TryPutError};
use super::storage::Buffer;
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
pub(super) struct State<B> {
    pub(super) items: RefCell<B>,
    claimed: Cell<usize>,
    reserved: Cell<usize>,
    pub(super) unfinished: Cell<usize>,
    shut: Cell<Shut>,
    pub(super) getters: WaitList,
    pub(super) putters: WaitList,
    pub(super) joiners: WaitList,
}

impl<B> State<B> {
    pub(super) const fn new(items: B) -> Self {
        Self {
            items: RefCell::new(items),
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

impl<B: Buffer> State<B> {
    pub(super) fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// Items that are not promised.
    fn available(&self) -> usize {
        // Nothing that is being dropped by a shut-down is to be had.
        if self.shut.get() == Shut::Empty { 0 } else { self.len() - self.claimed.get() }
    }

    /// Whether a place is free that is not promised.
    pub(super) fn has_room(&self) -> bool {
        match self.items.borrow().capacity() {
            Some(capacity) => self.len() + self.reserved.get() < capacity,
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

    /// A getter that has a claim takes the item that is first now. `None` if it was dropped by a shut-down.
    pub(super) fn take_claimed(&self) -> (Option<B::Item>, Option<Granted>) {
        if self.shut.get() == Shut::Empty {
            return (None, None);
        }
        self.claimed.set(self.claimed.get() - 1);
        let item = self.items.borrow_mut().pop();
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
        if self.shut.get() != Shut::Open {
            Attempt::Refused
        } else if self.has_room() {
            self.reserved.set(self.reserved.get() + 1);
            Attempt::Taken
        } else {
            Attempt::Wait
        }
    }

    /// A putter that has a reservation uses it. The item comes back if the queue was shut down meanwhile.
    pub(super) fn put_reserved(&self, item: B::Item) -> Result<Option<Granted>, B::Item> {
        self.reserved.set(self.reserved.get() - 1);
        if self.shut.get() != Shut::Open {
            return Err(item);
        }
        self.items.borrow_mut().push(item)?;
        self.unfinished.set(self.unfinished.get() + 1);
        Ok(self.grant_getter())
    }

    /// A putter that has a reservation will not use it.
    pub(super) fn return_reservation(&self) -> Option<Granted> {
        self.reserved.set(self.reserved.get() - 1);
        self.grant_putter()
    }

    pub(super) fn try_put(&self, item: B::Item) -> Result<Option<Granted>, TryPutError<B::Item>> {
        match self.try_reserve() {
            Attempt::Taken => self.put_reserved(item).map_err(TryPutError::QueueShutDown),
            Attempt::Wait => Err(TryPutError::QueueFull(item)),
            Attempt::Refused => Err(TryPutError::QueueShutDown(item)),
        }
    }

    pub(super) fn try_get(&self) -> Result<(B::Item, Option<Granted>), TryGetError> {
        match self.try_claim() {
            Attempt::Taken => match self.take_claimed() {
                (Some(item), granted) => Ok((item, granted)),
                (None, _) => Err(TryGetError::QueueShutDown),
            },
            Attempt::Wait => Err(TryGetError::QueueEmpty),
            Attempt::Refused => Err(TryGetError::QueueShutDown),
        }
    }

    /// Promises an item that is not promised to the getter that waits longest.
    fn grant_getter(&self) -> Option<Granted> {
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
    fn grant_putter(&self) -> Option<Granted> {
        if self.shut.get() != Shut::Open || !self.has_room() {
            return None;
        }
        let granted = self.putters.grant()?;
        self.reserved.set(self.reserved.get() + 1);
        Some(granted)
    }

    /// Lets nothing in any more. `immediate`: what is in counts as dealt with, and is to be taken out by
    /// [`discard_one`](Self::discard_one).
    pub(super) fn shut_down(&self, immediate: bool) {
        if self.shut.get() == Shut::Open {
            self.shut.set(Shut::Draining);
        }
        if immediate && self.shut.get() != Shut::Empty {
            self.shut.set(Shut::Empty);
            self.claimed.set(0);
            self.unfinished.set(self.unfinished.get().saturating_sub(self.len()));
        }
    }

    /// Takes an item out to be dropped. `None` when none is left.
    pub(super) fn discard_one(&self) -> Option<B::Item> {
        self.items.borrow_mut().pop()
    }
}
