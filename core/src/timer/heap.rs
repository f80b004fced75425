//! A pairing heap: constant time to insert, logarithmic (amortized) to remove, no memory of its own.

use core::cell::Cell;
use core::ptr;

use super::node::Timer;
use crate::Instant;

/// The timers of a loop by deadline, those of one deadline in the order in which they were set.
///
/// Invariant **HEAP-ORDER**: each timer is due no earlier than its parent. `child` is a timer's first child, `next`
/// the next sibling, `prev` the previous sibling or, of a first child, the parent. A timer is linked exactly while
/// its `home` is set; it is pinned, and leaves the heap before its memory goes.
pub(crate) struct TimerHeap {
    root: Cell<*const Timer>,
    /// Counts up with each insertion, to keep the order among equal deadlines.
    sequence: Cell<u32>,
}

impl TimerHeap {
    pub(crate) const fn new() -> Self {
        Self { root: Cell::new(ptr::null()), sequence: Cell::new(0) }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        // SAFETY: HEAP-ORDER.
        unsafe { self.root.get().as_ref() }.map(|root| root.deadline.get())
    }

    /// Puts in a timer.
    ///
    /// # Safety
    /// `timer` is pinned, in no heap, and removed before its memory goes.
    pub(crate) unsafe fn insert(&self, timer: *const Timer) {
        self.sequence.set(self.sequence.get().wrapping_add(1));
        // SAFETY: by the caller, and HEAP-ORDER.
        unsafe {
            (*timer).sequence.set(self.sequence.get());
            (*timer).child.set(ptr::null());
            (*timer).next.set(ptr::null());
            (*timer).prev.set(ptr::null());
            self.root.set(meld(self.root.get(), timer));
        }
    }

    /// Takes a timer out.
    ///
    /// # Safety
    /// `timer` is in this heap.
    pub(crate) unsafe fn remove(&self, timer: *const Timer) {
        // SAFETY: by the caller, and HEAP-ORDER.
        unsafe {
            let children = merge_pairs((*timer).child.replace(ptr::null()));
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
        let root = self.root.get();
        if self.next()? > now {
            return None;
        }
        // SAFETY: HEAP-ORDER: the root is in the heap.
        unsafe { self.remove(root) };
        Some(root)
    }

    /// Takes out any timer.
    pub(crate) fn pop(&self) -> Option<*const Timer> {
        self.pop_due(Instant::FAR_FUTURE)
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
