use std::cell::Cell;
use std::num::NonZero;
use std::task::Waker;

use super::readiness::Side;

/// Which place is a waiter's own, once it has one.
#[derive(Default)]
pub(crate) struct Key(Cell<Number>);

/// The first place has number 1, and the others are in the crowd, from number 2 on.
type Number = Option<NonZero<u32>>;

const FIRST: NonZero<u32> = NonZero::<u32>::MIN;

fn index(number: NonZero<u32>) -> usize {
    number.get() as usize - 2
}

/// Free, or taken: by who waits with this waker, or, with the one that does nothing, by who was woken and did not come back
/// yet.
type Place = Option<Waker>;

/// Those who wait for the sides of a source. Mostly that is one task for each, for which it allocates nothing.
///
/// It wakes nobody, and clones and drops no waker that is not [`Waker::noop`]: it gives them out. So no foreign code runs
/// while it changes.
#[derive(Default)]
pub(super) struct Waiters {
    first: [Cell<Place>; 2],
    crowd: Cell<Option<Box<Crowd>>>,
}

/// What most sources have no need of.
#[derive(Default)]
struct Crowd {
    /// All places but the first, of each side.
    more: [Vec<Place>; 2],
    /// The places of those who poll without a future that could keep one: of each side one for each half of a stream,
    /// since where a protocol lies between, reading may have to write.
    polled: [[Number; 2]; 2],
}

/// Takes the waker of who waits out of a place, which stays taken.
fn take(place: &mut Place) -> Place {
    let woken = Waker::noop();
    match place {
        Some(waker) if !waker.will_wake(woken) => place.replace(woken.clone()),
        _ => None,
    }
}

impl Waiters {
    /// Whether it is this waker that waits at the place.
    pub(super) fn will_wake(&self, side: Side, key: &Key, waker: &Waker) -> bool {
        self.is_kept(side, key.0.get(), waker)
    }

    /// Has `waker` woken from now on, at the key's place or a new one, and gives back the one before.
    pub(super) fn put(&self, side: Side, key: &Key, waker: Waker) -> Option<Waker> {
        let (number, before) = self.replace(side, key.0.get(), waker);
        key.0.set(Some(number));
        before
    }

    /// Gives up the key's place.
    pub(super) fn remove(&self, side: Side, key: &Key) -> Option<Waker> {
        self.vacate(side, key.0.take())
    }

    /// As [`will_wake`](Self::will_wake), for a half that polls.
    pub(super) fn will_wake_polled(&self, side: Side, half: Side, waker: &Waker) -> bool {
        self.is_kept(side, self.with_crowd(|crowd| crowd.polled[side as usize][half as usize]), waker)
    }

    /// As [`put`](Self::put), for a half that polls.
    pub(super) fn put_polled(&self, side: Side, half: Side, waker: Waker) -> Option<Waker> {
        let number = self.with_crowd(|crowd| crowd.polled[side as usize][half as usize]);
        let (number, before) = self.replace(side, number, waker);
        self.with_crowd(|crowd| crowd.polled[side as usize][half as usize] = Some(number));
        before
    }

    /// As [`remove`](Self::remove), for a half that polls.
    pub(super) fn remove_polled(&self, side: Side, half: Side) -> Option<Waker> {
        let number = self.in_crowd(|crowd| crowd.polled[side as usize][half as usize].take())?;
        self.vacate(side, number)
    }

    /// Gives all places up.
    pub(super) fn clear(&self) {
        let all = (self.first.each_ref().map(Cell::take), self.crowd.take());
        drop(all);
    }

    fn is_kept(&self, side: Side, number: Number, waker: &Waker) -> bool {
        match number {
            None => false,
            Some(FIRST) => {
                let first = self.first[side as usize].take();
                let same = first.as_ref().is_some_and(|first| first.will_wake(waker));
                self.first[side as usize].set(first);
                same
            }
            Some(number) => self.with_more(
                side,
                |more| matches!(more.get(index(number)), Some(Some(kept)) if kept.will_wake(waker)),
            ),
        }
    }

    fn replace(&self, side: Side, number: Number, waker: Waker) -> (NonZero<u32>, Option<Waker>) {
        let first = &self.first[side as usize];
        match number {
            Some(FIRST) => (FIRST, first.replace(Some(waker))),
            Some(number) => {
                let before = self.with_more(side, |more| more.get_mut(index(number))?.replace(waker));
                (number, before)
            }
            None => {
                let place = first.take();
                if place.is_none() {
                    first.set(Some(waker));
                    return (FIRST, None);
                }
                first.set(place);
                let index = self.with_more(side, |more| {
                    let free = more.iter().position(Option::is_none);
                    let index = free.unwrap_or(more.len());
                    if free.is_none() {
                        more.push(None);
                    }
                    more[index] = Some(waker);
                    index
                });
                // So many futures have no room in any memory.
                (FIRST.saturating_add(u32::try_from(index + 1).unwrap_or(u32::MAX)), None)
            }
        }
    }

    fn vacate(&self, side: Side, number: Number) -> Option<Waker> {
        match number? {
            FIRST => self.first[side as usize].take(),
            number => self.with_more(side, |more| {
                let waker = more.get_mut(index(number))?.take();
                while matches!(more.last(), Some(None)) {
                    more.pop();
                }
                waker
            }),
        }
    }

    /// The next one who waits at `from` or after it.
    pub(super) fn take_from(&self, side: Side, from: &mut usize) -> Option<Waker> {
        if *from == 0 {
            *from = 1;
            let mut place = self.first[side as usize].take();
            let waker = take(&mut place);
            self.first[side as usize].set(place);
            if waker.is_some() {
                return waker;
            }
        }
        self.in_crowd(|crowd| {
            while let Some(place) = crowd.more[side as usize].get_mut(*from - 1) {
                *from += 1;
                if let Some(waker) = take(place) {
                    return Some(waker);
                }
            }
            None
        })?
    }

    fn with_more<T>(&self, side: Side, f: impl FnOnce(&mut Vec<Place>) -> T) -> T {
        self.with_crowd(|crowd| f(&mut crowd.more[side as usize]))
    }

    fn with_crowd<T>(&self, f: impl FnOnce(&mut Crowd) -> T) -> T {
        let mut crowd = self.crowd.take().unwrap_or_default();
        let result = f(&mut crowd);
        self.crowd.set(Some(crowd));
        result
    }

    /// As `with_crowd`, if there is one.
    fn in_crowd<T>(&self, f: impl FnOnce(&mut Crowd) -> T) -> Option<T> {
        let mut crowd = self.crowd.take()?;
        let result = f(&mut crowd);
        self.crowd.set(Some(crowd));
        Some(result)
    }
}
