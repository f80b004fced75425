//! Wakes from other threads and from interrupts: a lock-free stack of tasks, linked through their headers.

use core::ptr;
use core::task::Waker;

use crate::shim::{AtomicPtr, Ordering};
use crate::task::{Header, TaskRef};

/// Ends of the stack that are not tasks. Small addresses no task can have.
const PARKED: *mut Header = ptr::without_provenance_mut(1);
const CLOSED: *mut Header = ptr::without_provenance_mut(2);

/// The tasks that were woken from outside the loop's own context since the loop last looked.
///
/// Invariant **INBOX**: a task is in the stack exactly while the WOKEN bit of its header is set by the pusher that
/// won it; its `inbox_next` belongs to that pusher until the task is in, and to the loop from then on. A counted
/// task in the stack is kept by a reference that the stack owns.
pub(crate) struct Inbox {
    /// Null: empty, and the loop is awake. `PARKED`: empty, and the loop sleeps. `CLOSED`: takes nothing.
    head: AtomicPtr<Header>,
    unparker: Waker,
}

impl Inbox {
    pub(crate) const fn new(unparker: Waker) -> Self {
        Self { head: AtomicPtr::new(CLOSED), unparker }
    }

    /// Makes the atomics exist, before others can see the inbox.
    #[cfg(feature = "alloc")]
    pub(crate) fn materialize(&self) {
        crate::shim::Materialize::materialize(&self.head);
    }

    /// Puts in a task whose WOKEN bit the caller has just set, and unparks the loop if it sleeps. False if the
    /// loop has closed: then the task is not in.
    ///
    /// From the moment the task is in, the loop may run it and, unless something keeps it, be gone. Of a loop that is not
    /// asleep nothing is touched after that. `keep` is called before a task is put into one that is, and what it gives
    /// keeps the loop until it is unparked. A reference would promise that the inbox outlives the call; so it is a pointer.
    ///
    /// # Safety
    /// The inbox is valid until the task is in, and until the drop of what `keep` gives.
    pub(crate) unsafe fn push<K>(inbox: *const Self, task: TaskRef, keep: impl Fn() -> K) -> bool {
        let mut kept = None;
        // SAFETY: by the caller: the task is not in.
        let mut head = unsafe { (*inbox).head.load(Ordering::Acquire) };
        loop {
            if head == CLOSED {
                return false;
            }
            let next = if head == PARKED { ptr::null_mut() } else { head };
            if head == PARKED && kept.is_none() {
                kept = Some(keep());
            }
            // SAFETY: the caller's reference keeps the header, and INBOX gives it the link.
            unsafe { task.header() }.inbox_next.store(next, Ordering::Relaxed);
            // SAFETY: by the caller: the task is not in.
            let pushed = unsafe {
                (*inbox).head.compare_exchange_weak(head, task.as_ptr(), Ordering::AcqRel, Ordering::Acquire)
            };
            match pushed {
                Ok(_) => break,
                Err(now) => head = now,
            }
        }
        // Only whoever finds the loop asleep wakes it: a burst of wakes is one unpark.
        if head == PARKED {
            // SAFETY: by the caller: `kept` is still there.
            unsafe { (*inbox).unparker.wake_by_ref() };
        }
        true
    }

    /// Whether nothing is in and the loop is not about to sleep. A plain load, for the inbox is looked at after every
    /// poll and mostly empty.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.head.load(Ordering::Relaxed).is_null()
    }

    /// Takes all tasks that are in, oldest first. Also ends `prepare_park`.
    ///
    /// Called by the loop only, on an inbox that is open.
    pub(crate) fn drain(&self) -> Drained {
        let newest = self.head.swap(ptr::null_mut(), Ordering::AcqRel);
        Drained { next: reverse(newest) }
    }

    /// Says that the loop is about to sleep. False if it must not: a task is in.
    pub(crate) fn prepare_park(&self) -> bool {
        self.head.compare_exchange(ptr::null_mut(), PARKED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Lets wakes in, before the first turn.
    pub(crate) fn open(&self) {
        let _ = self.head.compare_exchange(CLOSED, ptr::null_mut(), Ordering::AcqRel, Ordering::Acquire);
    }

    /// Refuses all further tasks and takes those that are in.
    pub(crate) fn close(&self) -> Drained {
        let newest = self.head.swap(CLOSED, Ordering::AcqRel);
        Drained { next: if newest == CLOSED { ptr::null_mut() } else { reverse(newest) } }
    }
}

/// The stack has the newest on top; a turn runs the oldest first.
fn reverse(newest: *mut Header) -> *mut Header {
    let mut done = ptr::null_mut();
    let mut rest = if newest == PARKED { ptr::null_mut() } else { newest };
    while let Some(task) = TaskRef::from_ptr(rest) {
        // SAFETY: INBOX: the task is in the part of the stack that the loop has taken, which keeps it.
        let link = &unsafe { task.header() }.inbox_next;
        rest = link.load(Ordering::Relaxed);
        link.store(done, Ordering::Relaxed);
        done = task.as_ptr();
    }
    done
}

/// Tasks taken out of the inbox, oldest first. Dropping it loses the rest, so the loop takes them all.
pub(crate) struct Drained {
    next: *mut Header,
}

impl Iterator for Drained {
    type Item = TaskRef;

    fn next(&mut self) -> Option<TaskRef> {
        let task = TaskRef::from_ptr(self.next)?;
        // SAFETY: INBOX, as in `reverse`. The link is read before the task is given out and can be pushed again.
        self.next = unsafe { task.header() }.inbox_next.load(Ordering::Relaxed);
        Some(task)
    }
}
