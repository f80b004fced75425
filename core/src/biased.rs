//! A reference count that costs its owner's thread no atomic read-modify-write.

use crate::shim::{AtomicI32, Cell, Materialize, Ordering};

/// Added to the shared half when the halves are merged; far from any count that fits in memory.
const MERGED: i32 = 1 << 30;
/// More references than this are a leak about to overflow: as in `Arc`, the program is stopped.
const LIMIT: i32 = 1 << 28;
const GONE: i16 = i16::MIN;
/// How far the owner's half may go before it is settled with the shared one. References that one side makes and the other
/// gives up add up in both halves, with opposite signs, for as long as the program runs.
const UNSETTLED: i16 = 1 << 14;

/// A count in two halves: one that only the owning context touches, one for everybody else.
///
/// Invariant **COUNT**: until [`merge`](Self::merge) the sum of both halves is the number of references, and the
/// owner keeps the thing alive whatever the sum. From `merge` on, the shared half alone is `MERGED` plus that
/// number, and whoever takes it down to `MERGED` frees the thing.
pub(crate) struct Biased {
    shared: AtomicI32,
    local: Cell<i16>,
    /// What the owner has room for nowhere else, and padding would waste.
    #[cfg(feature = "std")]
    pub(crate) beside: Cell<[u8; 2]>,
}

impl Biased {
    pub(crate) const fn new() -> Self {
        Self {
            shared: AtomicI32::new(0),
            local: Cell::new(0),
            #[cfg(feature = "std")]
            beside: Cell::new([0; 2]),
        }
    }

    /// Makes the atomics exist, before others can see the count.
    pub(crate) fn materialize(&self) {
        self.shared.materialize();
    }

    /// Counts anew, from nothing: of a thing that was given back and is used again, by the same owner.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) fn again(&self) {
        self.local.set(0);
        self.shared.store(0, Ordering::Relaxed);
    }

    /// Counts one more reference, made in the owning context if `owner`.
    #[inline]
    pub(crate) fn inc(&self, owner: bool) {
        if owner && self.local.get() != GONE {
            self.local.set(self.local.get() + 1);
            if self.local.get() > UNSETTLED {
                self.settle();
            }
        } else {
            self.add(1);
        }
    }

    /// Adds to the shared half.
    fn add(&self, count: i32) {
        // Relaxed as in `Arc`: a new reference comes from one that is there.
        let old = self.shared.fetch_add(count, Ordering::Relaxed);
        if (LIMIT..MERGED - LIMIT).contains(&old) || old > MERGED + LIMIT {
            too_many();
        }
    }

    /// The owner hands its half over to the shared one, which leaves the sum as it is.
    #[cold]
    fn settle(&self) {
        self.add(i32::from(self.local.replace(0)));
    }

    /// Counts one reference less. If true, it was the last and the caller frees the thing.
    #[inline]
    #[must_use]
    pub(crate) fn dec(&self, owner: bool) -> bool {
        if owner && self.local.get() != GONE {
            self.local.set(self.local.get() - 1);
            if self.local.get() < -UNSETTLED {
                self.settle();
            }
            return false;
        }
        if self.shared.fetch_sub(1, Ordering::Release) != MERGED + 1 {
            return false;
        }
        // A load and not a fence, of which ThreadSanitizer knows nothing.
        self.shared.load(Ordering::Acquire);
        true
    }

    /// The owner lets go. If true, no reference is left and the caller frees the thing; otherwise the last
    /// reference will. Once, and in the owning context.
    #[must_use]
    pub(crate) fn merge(&self) -> bool {
        let local = self.local.replace(GONE);
        debug_assert!(local != GONE, "merged twice");
        // With no reference anywhere nobody can make one, so the common case needs no read-modify-write.
        if local == 0 && self.shared.load(Ordering::Acquire) == 0 {
            return true;
        }
        let local = i32::from(local);
        if self.shared.fetch_add(MERGED + local, Ordering::AcqRel) + local != 0 {
            return false;
        }
        true
    }
}

#[cold]
fn too_many() -> ! {
    // Unwinding could be caught, and the count would then go on to overflow.
    struct Abort;
    impl Drop for Abort {
        fn drop(&mut self) {
            panic!("a task has too many wakers");
        }
    }
    let _abort = Abort;
    panic!("a task has too many wakers: they are cloned and leaked somewhere");
}
