//! Timers that are due soon, by slots of time: to put one in or take one out takes constant time, and the heap has to
//! order only those of one slot.

use core::cell::Cell;
use core::ptr;

use super::node::Timer;
use crate::Instant;

/// How many slots there are: together about a second.
const SLOTS: usize = 512;
/// A slot is two to the power of so many ticks long: two milliseconds, as a tick is a nanosecond here.
const LENGTH: u32 = 21;
const BITS: usize = u64::BITS as usize;

/// What a timer in the wheel has in place of its first child. It is no timer's address.
const IN_WHEEL: *const Timer = ptr::without_provenance(1);

/// The timers of the slots from `begin` on, of each in no order.
///
/// Invariant **WHEEL**: exactly the timers whose `child` is `IN_WHEEL` are in, each in the list of its slot, which `next`
/// and `prev` link, where `prev` of the first is the last, and which is named in `taken` unless it is empty. All are due in the `SLOTS` slots from `begin` on, and
/// `first` is where the first slot that is not empty begins. A timer in it is pinned, and leaves before its memory goes.
pub(super) struct Wheel {
    slots: [Cell<*const Timer>; SLOTS],
    taken: [Cell<u64>; SLOTS / BITS],
    /// The number of a slot. What is due before it is not put in.
    begin: Cell<u64>,
    /// The time when it was last looked at.
    now: Cell<Instant>,
    /// [`Instant::FAR_FUTURE`] if none is in.
    first: Cell<Instant>,
}

impl Wheel {
    pub(super) const fn new() -> Self {
        Self {
            slots: [const { Cell::new(ptr::null()) }; SLOTS],
            taken: [const { Cell::new(0) }; SLOTS / BITS],
            begin: Cell::new(0),
            now: Cell::new(Instant::from_ticks(0)),
            first: Cell::new(Instant::FAR_FUTURE),
        }
    }

    /// Since when some timer in it may be due, or later than any is.
    pub(super) fn first(&self) -> Instant {
        self.first.get()
    }

    /// Nothing is due at `now`. The slots before may be left behind, as far as they are empty.
    #[inline]
    pub(super) fn look(&self, now: Instant) {
        self.now.set(now);
    }

    /// Puts in a timer, if it is due within the time of the wheel. False if it is not.
    ///
    /// # Safety
    /// `timer` is pinned, in no list, and removed before its memory goes.
    pub(super) unsafe fn insert(&self, timer: &Timer) -> bool {
        let number = number(timer.deadline.get());
        // What is due before is a long way off by this.
        if number.wrapping_sub(self.begin.get()) >= SLOTS as u64 {
            self.begin.set(self.begin.get().max(self::number(self.now.get().min(self.first.get()))));
            if number.wrapping_sub(self.begin.get()) >= SLOTS as u64 {
                return false;
            }
        }
        let at = index(number);
        let next = self.slots[at].replace(timer);
        timer.child.set(IN_WHEEL);
        timer.next.set(next);
        // SAFETY: WHEEL.
        match unsafe { next.as_ref() } {
            Some(next) => timer.prev.set(next.prev.replace(timer)),
            None => {
                timer.prev.set(timer);
                let taken = &self.taken[at / BITS];
                taken.set(taken.get() | 1 << (at % BITS));
                self.first.set(self.first.get().min(start(number)));
            }
        }
        true
    }

    /// Whether the timer, which is in the wheel or elsewhere, is in the wheel.
    pub(super) fn has(timer: &Timer) -> bool {
        ptr::eq(timer.child.get(), IN_WHEEL)
    }

    /// Takes a timer out.
    ///
    /// # Safety
    /// `timer` is in.
    pub(super) unsafe fn remove(&self, timer: &Timer) {
        let (prev, next) = (timer.prev.get(), timer.next.get());
        let number = number(timer.deadline.get());
        let slot = &self.slots[index(number)];
        timer.child.set(ptr::null());
        let is_first = ptr::eq(slot.get(), timer);
        // SAFETY: WHEEL.
        unsafe {
            if is_first {
                slot.set(next);
            } else {
                (*prev).next.set(next);
            }
            match (next.as_ref(), slot.get().as_ref()) {
                (Some(next), _) => next.prev.set(prev),
                (None, Some(first)) => first.prev.set(prev),
                (None, None) => self.emptied(number),
            }
        }
    }

    /// Takes all timers of the first slot that has any out, and hands each to `f`. What is due in that slot is not put in any
    /// more.
    ///
    /// # Safety
    /// Some timer is in. `f` must not come back here.
    pub(super) unsafe fn take_first(&self, mut f: impl FnMut(&Timer)) {
        let number = number(self.first.get());
        self.begin.set(number + 1);
        let mut first = self.slots[index(number)].replace(ptr::null());
        self.emptied(number);
        // SAFETY: WHEEL, and by the caller. The links are read before `f` has the timer.
        unsafe {
            // From both ends: where there are many, each is a miss of the cache, and two at a time are under way.
            let mut last = (*first).prev.get();
            loop {
                let (next, prev) = ((*first).next.get(), (*last).prev.get());
                f(&*first);
                if first == last {
                    return;
                }
                f(&*last);
                if next == last {
                    return;
                }
                (first, last) = (next, prev);
            }
        }
    }

    /// Nothing is in, and what comes next may be due before anything that was in.
    pub(super) fn begin_anew(&self) {
        self.begin.set(0);
        self.now.set(Instant::from_ticks(0));
    }

    /// Slot `number` has no timer any more.
    fn emptied(&self, number: u64) {
        let at = index(number);
        let taken = &self.taken[at / BITS];
        taken.set(taken.get() & !(1 << (at % BITS)));
        if self.first.get() == start(number) {
            self.first.set(self.taken_from(number));
        }
    }

    /// Where the first slot begins that is not empty, if none before `number` is.
    fn taken_from(&self, number: u64) -> Instant {
        let at = index(number);
        let words = self.taken.len();
        // The word in which it begins is looked at twice: from there on at first, and before that place at last.
        let ahead = u64::MAX << (at % BITS);
        for step in 0..=words {
            let word = (at / BITS + step) % words;
            let here = match step {
                0 => ahead,
                _ if step == words => !ahead,
                _ => u64::MAX,
            };
            let taken = self.taken[word].get() & here;
            if taken != 0 {
                let found = word * BITS + taken.trailing_zeros() as usize;
                return start(number + (found.wrapping_sub(at) % SLOTS) as u64);
            }
        }
        Instant::FAR_FUTURE
    }
}

/// The number of the slot in which that time is.
fn number(time: Instant) -> u64 {
    time.as_ticks() >> LENGTH
}

/// When slot `number` begins.
fn start(number: u64) -> Instant {
    Instant::from_ticks(number << LENGTH)
}

fn index(number: u64) -> usize {
    (number % SLOTS as u64) as usize
}
