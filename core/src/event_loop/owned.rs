use alloc::boxed::Box;
use core::fmt;
use core::ptr::{self, NonNull};
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::open::sealed;
use super::{EventLoop, OpenLoop, RunError};
use crate::platform::Platform;
use crate::task::{self, MainWaker};
use crate::{Pool, current};

/// An event loop on the heap. Its memory goes when it is dropped and the last waker of its tasks is.
pub struct OwnedLoop {
    l: NonNull<EventLoop>,
}

impl OwnedLoop {
    /// A loop. Waking `unparker` must end its platform's park, from whatever thread.
    pub fn new(unparker: Waker) -> Self {
        let l = Box::leak(Box::new(EventLoop::new(unparker)));
        l.main.header.materialize();
        l.inbox.materialize();
        l.count.materialize();
        l.heap.materialize();
        Self { l: NonNull::from(l) }
    }

    /// A way into the loop from other threads.
    pub fn handle(&self) -> crate::LoopHandle {
        // SAFETY: the loop is there as long as its owner, whose context this is; the pointer may free it.
        unsafe { crate::LoopHandle::of(self.l.as_ptr(), true) }
    }

    /// As [`EventLoop::run`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub fn run<F: Future>(
        &self,
        platform: &dyn Platform,
        pools: &[&'static dyn Pool],
        main: F,
    ) -> Result<F::Output, RunError> {
        // SAFETY: the loop is there as long as its owner. It counts heap tasks and the main task's wakers, and is
        // kept for good once it has served a static pool (RUNNING).
        unsafe { EventLoop::run_as::<F, Counted>(self.l.as_ptr(), platform, pools, main) }
    }
}

impl OwnedLoop {
    /// As [`EventLoop::open`].
    ///
    /// # Errors
    /// As there.
    pub fn open<P: Platform>(
        self,
        platform: P,
        pools: &[&'static dyn Pool],
    ) -> Result<OpenLoop<Self, P>, RunError> {
        OpenLoop::new(self, platform, pools)
    }
}

// SAFETY: the loop is on the heap, and there as long as its owner; it counts heap tasks and the main task's wakers.
unsafe impl sealed::Sealed for OwnedLoop {
    type Main = Counted;

    fn event_loop(&self) -> *const EventLoop {
        self.l.as_ptr()
    }
}

impl Drop for OwnedLoop {
    fn drop(&mut self) {
        // SAFETY: the owner is the loop's context, since it is not `Send`; after this it does not touch the loop.
        unsafe {
            if self.l.as_ref().count.merge() {
                free(self.l.as_ptr());
            }
        }
    }
}

impl fmt::Debug for OwnedLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnedLoop")
    }
}

/// # Safety
/// The owner has let go of the loop and no reference to it is left.
pub(super) unsafe fn free(l: *const EventLoop) {
    // SAFETY: it was made by `OwnedLoop::new`, and by the caller this is its last use.
    unsafe { drop(Box::from_raw(l.cast_mut())) }
}

/// Wakers of the main task of a loop on the heap: they count as references to the loop.
static COUNTED: RawWakerVTable = RawWakerVTable::new(
    |data| {
        // SAFETY: the waker that is cloned counts, so the loop is there.
        unsafe {
            let l = owner(data);
            (*l).count.inc(current::is(l));
        }
        RawWaker::new(data, &COUNTED)
    },
    |data| {
        // SAFETY: the waker counted and is used up.
        unsafe {
            let l = owner(data);
            task::wake(task::waker_task(data));
            EventLoop::release(l, current::is(l));
        }
    },
    // SAFETY: it is the data of a task's waker.
    |data| task::wake(unsafe { task::waker_task(data) }),
    |data| {
        // SAFETY: as above.
        unsafe {
            let l = owner(data);
            EventLoop::release(l, current::is(l));
        }
    },
);

/// # Safety
/// It is the data of such a waker.
#[inline]
unsafe fn owner(data: *const ()) -> *const EventLoop {
    // SAFETY: by the caller: the waker keeps the loop, and with it the header; `owner` is one of its shared fields.
    unsafe { task::waker_task(data).header() }.owner()
}

/// Whether it is a waker of the main task of a loop on the heap.
#[inline]
pub(crate) fn counts(waker: &Waker) -> bool {
    ptr::eq(waker.vtable(), &raw const COUNTED)
}

/// Gives up the reference of such a waker, of the running loop, which is then not to be dropped.
///
/// # Safety
/// It is one.
#[inline]
pub(crate) unsafe fn forget_here(waker: &Waker) {
    // SAFETY: by the caller.
    unsafe { EventLoop::release(owner(waker.data()), true) }
}

/// A clone of such a waker.
///
/// # Safety
/// It is one.
#[inline]
pub(crate) unsafe fn clone_counted(waker: &Waker) -> Waker {
    // SAFETY: by the caller: the waker counts, so the loop is there. The table upholds the contract of `RawWaker`.
    unsafe {
        let l = owner(waker.data());
        (*l).count.inc(current::is(l));
        Waker::new(waker.data(), &COUNTED)
    }
}

/// The main task of a loop on the heap.
pub struct Counted;

impl MainWaker for Counted {
    const WAKER: &'static RawWakerVTable = &COUNTED;
}
