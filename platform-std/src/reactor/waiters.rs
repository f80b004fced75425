use std::task::Waker;

/// Those who wait for one direction of a source. Mostly one task, for which it allocates nothing.
///
/// It wakes nobody, and clones and drops no waker: it gives them out, so that the caller can end its borrow before.
pub(super) struct Waiters {
    first: Place,
    more: Vec<Place>,
}

enum Place {
    Free,
    Waits(Waker),
    /// Was woken and did not come back yet; the place stays its own.
    Woken,
}

impl Place {
    fn take(&mut self, left: Place) -> Option<Waker> {
        match std::mem::replace(self, left) {
            Place::Waits(waker) => Some(waker),
            Place::Free | Place::Woken => None,
        }
    }
}

impl Waiters {
    pub(super) const fn new() -> Self {
        Self { first: Place::Free, more: Vec::new() }
    }

    /// Key 0 is the first place, n is `more[n - 1]`.
    fn place(&mut self, key: usize) -> Option<&mut Place> {
        match key.checked_sub(1) {
            None => Some(&mut self.first),
            Some(index) => self.more.get_mut(index),
        }
    }

    /// A place for a new waiter.
    pub(super) fn insert(&mut self, waker: Waker) -> usize {
        let new = Place::Waits(waker);
        if matches!(self.first, Place::Free) {
            self.first = new;
            return 0;
        }
        if let Some(index) = self.more.iter().position(|place| matches!(place, Place::Free)) {
            self.more[index] = new;
            return index + 1;
        }
        self.more.push(new);
        self.more.len()
    }

    /// Whether it is this waker that waits at the place.
    pub(super) fn will_wake(&mut self, key: usize, waker: &Waker) -> bool {
        matches!(self.place(key), Some(Place::Waits(old)) if old.will_wake(waker))
    }

    /// Has `waker` woken from now on, and gives back the one before.
    pub(super) fn replace(&mut self, key: usize, waker: Waker) -> Option<Waker> {
        self.place(key)?.take(Place::Waits(waker))
    }

    /// Gives up a place.
    pub(super) fn remove(&mut self, key: usize) -> Option<Waker> {
        let waker = self.place(key)?.take(Place::Free);
        while matches!(self.more.last(), Some(Place::Free)) {
            self.more.pop();
        }
        waker
    }

    /// The next one who waits at `from` or after it.
    pub(super) fn take_from(&mut self, from: &mut usize) -> Option<Waker> {
        while let Some(place) = self.place(*from) {
            *from += 1;
            if matches!(place, Place::Waits(_)) {
                return place.take(Place::Woken);
            }
        }
        None
    }
}
