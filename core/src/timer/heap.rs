//! The timers of a loop: a row of those that were set in the order in which they are due, as the timeouts of one length are,
//! and a pairing heap of the others. To put one in or take one out takes constant time in the row; in the heap it is constant
//! and logarithmic (amortized). Neither has memory of its own. Where room is plenty, a wheel keeps what is due soon from the
//! heap until its time has come, so that the heap is small.

use core::cell::Cell;
use core::ptr;

use super::node::Timer;
#[cfg(feature = "std")]
use super::wheel::Wheel;
use crate::Instant;

/// No timer is due later.
const LATEST: Instant = Instant::from_ticks(Instant::FAR_FUTURE.as_ticks() - 1);

/// The timers of a loop by deadline, those of one deadline in the order in which they were set.
///
/// Invariant **HEAP-ORDER**: each timer in the heap is due no earlier than its parent. `child` is a timer's first child,
/// `next` the next sibling, `prev` the previous sibling or, of a first child, the parent. Each in the row is due no earlier
/// than the one before, and is its own `child`; `next` and `prev` are its neighbours. For one in the wheel see there. A
/// timer is linked exactly while its `home` is set; it is pinned, and leaves before its memory goes.
pub(crate) struct TimerHeap {
    root: Cell<*const Timer>,
    /// The ends of the row.
    first: Cell<*const Timer>,
    last: Cell<*const Timer>,
    #[cfg(feature = "std")]
    wheel: Wheel,
    /// Counts up with each insertion, to keep the order among equal deadlines.
    sequence: Cell<u32>,
}

impl TimerHeap {
    pub(crate) const fn new() -> Self {
        Self {
            root: Cell::new(ptr::null()),
            first: Cell::new(ptr::null()),
            last: Cell::new(ptr::null()),
            #[cfg(feature = "std")]
            wheel: Wheel::new(),
            sequence: Cell::new(0),
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        #[cfg(feature = "std")]
        if self.wheel.first() != Instant::FAR_FUTURE {
            return false;
        }
        self.first.get().is_null() && self.root.get().is_null()
    }

    /// The timer that is due first, null if there is none. One that is due later than `until` may be left out.
    #[cfg_attr(feature = "std", inline)]
    fn earliest(&self, until: Instant) -> *const Timer {
        let earliest = self.first_ordered();
        // Mostly the wheel is empty, or its first slot far away.
        #[cfg(feature = "std")]
        if self.wheel.first() <= until {
            // SAFETY: HEAP-ORDER.
            let known = unsafe { earliest.as_ref() }.map_or(LATEST, |timer| timer.deadline.get());
            if self.wheel.first() <= known {
                return self.earliest_of_all();
            }
        }
        #[cfg(not(feature = "std"))]
        let _ = until;
        earliest
    }

    /// The one that is due first of the row and the heap.
    fn first_ordered(&self) -> *const Timer {
        let (first, root) = (self.first.get(), self.root.get());
        // SAFETY: HEAP-ORDER.
        if root.is_null() || !first.is_null() && unsafe { before(first, root) } { first } else { root }
    }

    /// The rare half of [`earliest`](Self::earliest): one in the first slot of the wheel may be due before all others.
    #[cfg(feature = "std")]
    #[inline(never)]
    fn earliest_of_all(&self) -> *const Timer {
        // SAFETY: WHEEL: one is in, or `first` would be later than all; and each is a heap of its own once its links are cut.
        unsafe {
            self.wheel.take_first(|timer| {
                timer.next.set(ptr::null());
                timer.prev.set(ptr::null());
                timer.child.set(ptr::null());
                self.root.set(meld(self.root.get(), timer));
            });
        }
        // What is due in that slot is due before any slot that is left begins.
        self.first_ordered()
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        // SAFETY: HEAP-ORDER.
        unsafe { self.earliest(LATEST).as_ref() }.map(|timer| timer.deadline.get())
    }

    /// Puts in a timer.
    ///
    /// # Safety
    /// `timer` is pinned, not in yet, and removed before its memory goes.
    pub(crate) unsafe fn insert(&self, timer: *const Timer) {
        self.sequence.set(self.sequence.get().wrapping_add(1));
        // SAFETY: by the caller, and HEAP-ORDER.
        unsafe {
            (*timer).sequence.set(self.sequence.get());
            (*timer).next.set(ptr::null());
            let last = self.last.get();
            if last.is_null() || (*last).deadline.get() <= (*timer).deadline.get() {
                (*timer).child.set(timer);
                (*timer).prev.set(last);
                self.last.set(timer);
                match last.as_ref() {
                    Some(last) => last.next.set(timer),
                    None => self.first.set(timer),
                }
            } else {
                #[cfg(feature = "std")]
                if self.wheel.insert(&*timer) {
                    return;
                }
                (*timer).child.set(ptr::null());
                (*timer).prev.set(ptr::null());
                self.root.set(meld(self.root.get(), timer));
            }
        }
    }

    /// Takes a timer out.
    ///
    /// # Safety
    /// `timer` is in.
    pub(crate) unsafe fn remove(&self, timer: *const Timer) {
        // SAFETY: by the caller, and HEAP-ORDER.
        unsafe {
            #[cfg(feature = "std")]
            if Wheel::has(&*timer) {
                self.wheel.remove(&*timer);
                return;
            }
            let child = (*timer).child.replace(ptr::null());
            if ptr::eq(child, timer) {
                let (prev, next) = ((*timer).prev.get(), (*timer).next.get());
                match prev.as_ref() {
                    Some(prev) => prev.next.set(next),
                    None => self.first.set(next),
                }
                match next.as_ref() {
                    Some(next) => next.prev.set(prev),
                    None => self.last.set(prev),
                }
                return;
            }
            let children = merge_pairs(child);
            if ptr::eq(self.root.get(), timer) {
                self.root.set(children);
                return;
            }
            let (prev, next) = ((*timer).prev.replace(ptr::null()), (*timer).next.replace(ptr::null()));
            if ptr::eq((*prev).child.get(), timer) {
                (*prev).child.set(next);
            } else {
                (*prev).next.set(next);
            }
            if let Some(next) = next.as_ref() {
                next.prev.set(prev);
            }
            self.root.set(meld(self.root.get(), children));
        }
    }

    /// Takes out the first timer, if it is due at `now`.
    pub(crate) fn pop_due(&self, now: Instant) -> Option<*const Timer> {
        let first = self.earliest(now);
        // SAFETY: HEAP-ORDER: it is in.
        unsafe {
            if first.as_ref()?.deadline.get() > now {
                #[cfg(feature = "std")]
                self.wheel.look(now);
                return None;
            }
            self.remove(first);
        }
        Some(first)
    }

    /// Takes out any timer, when there is no more time to come: the next run's may begin anew.
    pub(crate) fn pop(&self) -> Option<*const Timer> {
        let popped = self.pop_due(Instant::FAR_FUTURE);
        #[cfg(feature = "std")]
        if popped.is_none() {
            self.wheel.begin_anew();
        }
        popped
    }
}

/// Whether `a` is due before `b`.
unsafe fn before(a: *const Timer, b: *const Timer) -> bool {
    // SAFETY: as for `meld`.
    unsafe {
        let (at, bt) = ((*a).deadline.get(), (*b).deadline.get());
        // Sequence numbers wrap, so only their distance counts.
        at < bt || (at == bt && (*a).sequence.get().wrapping_sub((*b).sequence.get()) as i32 <= 0)
    }
}

/// Makes one heap of two, either of which may be empty. The roots have no siblings.
unsafe fn meld(a: *const Timer, b: *const Timer) -> *const Timer {
    if a.is_null() {
        return b;
    }
    if b.is_null() {
        return a;
    }
    // SAFETY: both are roots of valid heaps (HEAP-ORDER).
    unsafe {
        let (parent, child) = if before(a, b) { (a, b) } else { (b, a) };
        let first = (*parent).child.replace(child);
        (*child).next.set(first);
        (*child).prev.set(parent);
        if let Some(first) = first.as_ref() {
            first.prev.set(child);
        }
        parent
    }
}

/// Makes one heap of a list of siblings: in pairs from the left, then the pairs from the right.
unsafe fn merge_pairs(first: *const Timer) -> *const Timer {
    // SAFETY: HEAP-ORDER: siblings are roots of valid heaps, once their own links are cut.
    unsafe {
        // The pairs are stacked through `prev`, so that no recursion is needed.
        let mut pairs: *const Timer = ptr::null();
        let mut rest = first;
        while !rest.is_null() {
            let a = rest;
            let b = (*a).next.replace(ptr::null());
            (*a).prev.set(ptr::null());
            if b.is_null() {
                rest = ptr::null();
            } else {
                rest = (*b).next.replace(ptr::null());
                (*b).prev.set(ptr::null());
            }
            let pair = meld(a, b);
            (*pair).prev.set(pairs);
            pairs = pair;
        }
        let mut root: *const Timer = ptr::null();
        while !pairs.is_null() {
            let pair = pairs;
            pairs = (*pair).prev.replace(ptr::null());
            root = meld(root, pair);
        }
        root
    }
}
