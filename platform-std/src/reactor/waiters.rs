use std::cell::Cell;
use std::mem;
use std::num::NonZero;
use std::task::Waker;

/// Which place is a waiter's own, once it has one.
#[derive(Default)]
pub(super) struct Key(Cell<Option<NonZero<u32>>>);

/// The first place has number 1, and `more[n]` number n + 2.
const FIRST: NonZero<u32> = NonZero::<u32>::MIN;

fn index(number: NonZero<u32>) -> usize {
    number.get() as usize - 2
}

/// Those who wait for one direction of a source. Mostly one task, for which it allocates nothing.
///
/// It wakes nobody, and clones and drops no waker: it gives them out. So no foreign code runs while it changes.
#[derive(Default)]
pub(super) struct Waiters {
    /// None also if the place is taken, and who waited was woken and did not come back yet.
    first: Cell<Option<Waker>>,
    is_first_taken: Cell<bool>,
    more: Cell<Option<Box<Vec<Place>>>>,
}

enum Place {
    Free,
    Waits(Waker),
    /// Was woken and did not come back yet; the place stays its own.
    Woken,
}

impl Place {
    fn take(&mut self, left: Place) -> Option<Waker> {
        match mem::replace(self, left) {
            Place::Waits(waker) => Some(waker),
            Place::Free | Place::Woken => None,
        }
    }
}

impl Waiters {
    /// Whether it is this waker that waits at the place.
    pub(super) fn will_wake(&self, key: &Key, waker: &Waker) -> bool {
        match key.0.get() {
            None => false,
            Some(FIRST) => {
                let first = self.first.take();
                let same = first.as_ref().is_some_and(|first| first.will_wake(waker));
                self.first.set(first);
                same
            }
            Some(number) => self.with_more(
                |more| matches!(more.get(index(number)), Some(Place::Waits(old)) if old.will_wake(waker)),
            ),
        }
    }

    /// Has `waker` woken from now on, at the key's place or a new one, and gives back the one before.
    pub(super) fn put(&self, key: &Key, waker: Waker) -> Option<Waker> {
        match key.0.get() {
            Some(FIRST) => self.first.replace(Some(waker)),
            Some(number) => self.with_more(|more| more.get_mut(index(number))?.take(Place::Waits(waker))),
            None => {
                key.0.set(Some(self.insert(waker)));
                None
            }
        }
    }

    fn insert(&self, waker: Waker) -> NonZero<u32> {
        if !self.is_first_taken.replace(true) {
            self.first.set(Some(waker));
            return FIRST;
        }
        self.with_more(|more| {
            let free = more.iter().position(|place| matches!(place, Place::Free));
            let index = free.unwrap_or_else(|| {
                more.push(Place::Free);
                more.len() - 1
            });
            more[index] = Place::Waits(waker);
            // So many futures have no room in any memory.
            FIRST.saturating_add(u32::try_from(index + 1).unwrap_or(u32::MAX))
        })
    }

    /// Gives up the key's place.
    pub(super) fn remove(&self, key: &Key) -> Option<Waker> {
        match key.0.take()? {
            FIRST => {
                self.is_first_taken.set(false);
                self.first.take()
            }
            number => self.with_more(|more| {
                let waker = more.get_mut(index(number))?.take(Place::Free);
                while matches!(more.last(), Some(Place::Free)) {
                    more.pop();
                }
                waker
            }),
        }
    }

    /// The next one who waits at `from` or after it.
    pub(super) fn take_from(&self, from: &mut usize) -> Option<Waker> {
        if *from == 0 {
            *from = 1;
            if let Some(first) = self.first.take() {
                return Some(first);
            }
        }
        self.with_more(|more| {
            while let Some(place) = more.get_mut(*from - 1) {
                *from += 1;
                if matches!(place, Place::Waits(_)) {
                    return place.take(Place::Woken);
                }
            }
            None
        })
    }

    /// Gives `f` the places behind the first, for which there is memory only while there are some.
    fn with_more<T>(&self, f: impl FnOnce(&mut Vec<Place>) -> T) -> T {
        let mut more = self.more.take().unwrap_or_default();
        let result = f(&mut more);
        if !more.is_empty() {
            self.more.set(Some(more));
        }
        result
    }
}
