//! Who is told when a task is done: nodes inside the futures that wait for it, first come first told.

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;
use core::task::{RawWakerVTable, Waker};

/// One who waits for a task, pinned inside its future.
pub(crate) struct Watcher {
    next: Cell<*const Watcher>,
    prev: Cell<*const Watcher>,
    waker: Cell<Option<Waker>>,
    linked: Cell<bool>,
    _pin: PhantomPinned,
}

/// The watchers of one task, a ring through its newest.
///
/// Invariant **WATCH**: the ring holds exactly the watchers whose `linked` is set; each is pinned and leaves the
/// ring before its memory goes, by `remove` or by `pop`. Touched in the context of the task's loop only.
pub(crate) struct WatchList {
    newest: Cell<*const Watcher>,
}

impl Watcher {
    pub(crate) const fn new() -> Self {
        Self {
            next: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
            waker: Cell::new(None),
            linked: Cell::new(false),
            _pin: PhantomPinned,
        }
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.linked.get()
    }

    /// Keeps `waker` as the one to wake.
    pub(crate) fn set_waker(&self, waker: &Waker) {
        crate::waker_cell::refresh(&self.waker, waker);
    }

    /// Keeps `waker` itself as the one to wake.
    pub(crate) fn keep_waker(&self, waker: Waker) {
        self.waker.set(Some(waker));
    }

    /// Whether what it wakes works by this table.
    pub(crate) fn wakes_by(&self, table: &'static RawWakerVTable) -> bool {
        let waker = self.waker.take();
        let same = waker.as_ref().is_some_and(|waker| ptr::eq(waker.vtable(), table));
        self.waker.set(waker);
        same
    }
}

impl WatchList {
    pub(crate) const fn new() -> Self {
        Self { newest: Cell::new(ptr::null()) }
    }

    /// Adds a watcher as the newest.
    ///
    /// # Safety
    /// `watcher` is pinned, is in no list, and is removed before its memory goes.
    pub(crate) unsafe fn push(&self, watcher: *const Watcher) {
        let newest = self.newest.get();
        // SAFETY: by the caller, and WATCH for those in the ring.
        unsafe {
            (*watcher).linked.set(true);
            if newest.is_null() {
                (*watcher).next.set(watcher);
                (*watcher).prev.set(watcher);
            } else {
                let oldest = (*newest).next.get();
                (*watcher).next.set(oldest);
                (*watcher).prev.set(newest);
                (*newest).next.set(watcher);
                (*oldest).prev.set(watcher);
            }
        }
        self.newest.set(watcher);
    }

    /// Takes a watcher out; one that is out already stays out.
    ///
    /// # Safety
    /// If it is linked, it is in this list.
    pub(crate) unsafe fn remove(&self, watcher: *const Watcher) {
        // SAFETY: by the caller, and WATCH for its neighbours.
        unsafe {
            if !(*watcher).linked.replace(false) {
                return;
            }
            let (prev, next) = ((*watcher).prev.get(), (*watcher).next.get());
            (*prev).next.set(next);
            (*next).prev.set(prev);
            if self.newest.get() == watcher {
                self.newest.set(if prev == watcher { ptr::null() } else { prev });
            }
        }
    }

    /// The oldest watcher that `which` says.
    pub(crate) fn find(&self, which: impl Fn(*const Watcher) -> bool) -> Option<*const Watcher> {
        let newest = self.newest.get();
        let mut at = newest;
        // SAFETY: WATCH: all in the ring are valid.
        while let Some(watcher) = unsafe { at.as_ref() } {
            at = watcher.next.get();
            if which(at) {
                return Some(at);
            }
            if ptr::eq(at, newest) {
                break;
            }
        }
        None
    }

    /// Takes the oldest watcher out and gives its waker.
    pub(crate) fn pop(&self) -> Option<Option<Waker>> {
        let newest = self.newest.get();
        if newest.is_null() {
            return None;
        }
        // SAFETY: WATCH: all in the ring are valid, and the oldest is in it.
        unsafe {
            let oldest = (*newest).next.get();
            self.remove(oldest);
            Some((*oldest).waker.take())
        }
    }
}
