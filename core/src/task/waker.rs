//! Wakers of tasks. The data pointer is the task's header; the table tells how the waker counts.

use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::header::{Header, TaskRef, VTable, remote, state};
#[cfg(feature = "alloc")]
use super::heap;
use crate::EventLoop;
use crate::current;
#[cfg(feature = "alloc")]
use crate::event_loop;
use crate::inbox::Inbox;
use crate::shim::Ordering;

/// Wakers of tasks in static slots and of the main task of a static loop: nothing to count.
pub(crate) static STATIC: RawWakerVTable =
    RawWakerVTable::new(|data| RawWaker::new(data, &STATIC), wake_static, wake_static, |_| {});

unsafe fn wake_static(data: *const ()) {
    // SAFETY: it is the data of a task's waker.
    wake(unsafe { task(data) });
}

/// The task that a waker's data points at.
///
/// # Safety
/// It is the data of a task's waker.
#[inline]
pub(crate) unsafe fn task(data: *const ()) -> TaskRef {
    // SAFETY: by the caller it was made from a `TaskRef`.
    TaskRef::from_nonnull(unsafe { NonNull::new_unchecked(data.cast::<Header>().cast_mut()) })
}

/// A waker of `task`, whose functions are `vtable`, that counts nothing, for one poll.
///
/// # Safety
/// TASK; the result is dropped through `ManuallyDrop`, that is not at all, before the task is released.
pub(crate) unsafe fn borrowed(task: TaskRef, vtable: &VTable) -> Waker {
    // SAFETY: the tables uphold the contract of `RawWaker`, and by the caller.
    unsafe { Waker::new(task.as_ptr().cast_const().cast(), vtable.waker) }
}

/// A waker of a task in static memory.
pub(crate) fn static_waker(task: TaskRef) -> Waker {
    // SAFETY: the table upholds the contract of `RawWaker`, and static memory never goes away.
    unsafe { Waker::new(task.as_ptr().cast_const().cast(), &STATIC) }
}

/// Wakes a task whose memory is static or kept by the loop it belongs to.
pub(crate) fn wake(task: TaskRef) {
    // SAFETY: a slot's memory is static, and the main header lives as long as the loop that the waker counts for.
    unsafe {
        if !wake_here(task) && claim(task) {
            // What keeps the memory keeps the loop.
            push(task, || ());
        }
    }
}

/// Wakes a task of whatever kind on its own thread, also while its loop is open and does not run.
///
/// # Safety
/// TASK, in the context of the task's loop.
pub(crate) unsafe fn wake_task(task: TaskRef) {
    // SAFETY: by the caller.
    unsafe {
        if !wake_here(task) {
            // As its waker would: where that counts, the inbox must get a reference of its own.
            ManuallyDrop::new(borrowed(task, task.vtable())).wake_by_ref();
        }
    }
}

/// Wakes the task if this is the context of its loop.
///
/// # Safety
/// The task's header is valid.
#[inline]
pub(crate) unsafe fn wake_here(task: TaskRef) -> bool {
    // SAFETY: by the caller; `owner` is a shared field.
    let l = unsafe { task.header() }.owner();
    // SAFETY: by the caller.
    !l.is_null() && unsafe { wake_if_current(l, task) }
}

/// As [`wake_here`], of a task that has an owner, as one on the heap has from the beginning.
///
/// # Safety
/// As there.
#[cfg(feature = "alloc")]
#[inline]
pub(super) unsafe fn wake_owned_here(task: TaskRef) -> bool {
    // SAFETY: by the caller; `owner` is a shared field.
    unsafe { wake_if_current(task.header().owner(), task) }
}

/// # Safety
/// `l` owns the task.
#[inline]
unsafe fn wake_if_current(l: *const EventLoop, task: TaskRef) -> bool {
    if !current::is(l) {
        return false;
    }
    // SAFETY: `l` is the current loop, so this is its context.
    unsafe { wake_local(&*l, task) };
    true
}

/// Wakes by a waker of a task of the running loop, which runs no foreign code. Gives any other waker back.
#[inline]
pub(crate) fn wake_own(waker: Waker) -> Option<Waker> {
    #[cfg(feature = "alloc")]
    // SAFETY: it is a task's waker, which keeps the header. Once the task is woken, it is used up, and not dropped.
    unsafe {
        if heap::counts(&waker) {
            return if wake_owned_here(task(waker.data())) {
                heap::forget_here(&waker);
                core::mem::forget(waker);
                None
            } else {
                Some(waker)
            };
        }
        if event_loop::counts(&waker) {
            return if wake_here(task(waker.data())) {
                event_loop::forget_here(&waker);
                core::mem::forget(waker);
                None
            } else {
                Some(waker)
            };
        }
    }
    // SAFETY: it is a waker of a task in static memory.
    let woken = ptr::eq(waker.vtable(), &raw const STATIC) && unsafe { wake_here(task(waker.data())) };
    if woken { None } else { Some(waker) }
}

/// Wakes, without a call if it is a waker of a heap task of the running loop.
#[cfg(all(feature = "alloc", feature = "std"))]
#[inline]
pub(crate) fn wake_by_ref(waker: &Waker) {
    // SAFETY: it is a task's waker, which keeps the header.
    if !heap::counts(waker) || !unsafe { wake_owned_here(task(waker.data())) } {
        waker.wake_by_ref();
    }
}

/// As the waker does.
#[cfg(not(all(feature = "alloc", feature = "std")))]
#[inline]
pub(crate) fn wake_by_ref(waker: &Waker) {
    waker.wake_by_ref();
}

/// Whether it is a waker of a task, whose clone runs no foreign code.
#[inline]
pub(crate) fn is_own_waker(waker: &Waker) -> bool {
    #[cfg(feature = "alloc")]
    if heap::counts(waker) || event_loop::counts(waker) {
        return true;
    }
    ptr::eq(waker.vtable(), &raw const STATIC)
}

/// A clone, without a call if it is a waker of a task of the running loop.
#[inline]
pub(crate) fn clone_waker(waker: &Waker) -> Waker {
    #[cfg(feature = "alloc")]
    // SAFETY: each is asked to clone its own.
    unsafe {
        if heap::counts(waker) {
            return heap::clone_counted(waker);
        }
        if event_loop::counts(waker) {
            return event_loop::clone_counted(waker);
        }
    }
    waker.clone()
}

/// Sets the WOKEN bit. True if the caller won it and owes the task a push.
///
/// # Safety
/// The task's header is valid.
pub(crate) unsafe fn claim(task: TaskRef) -> bool {
    // Always a write, so that the loop, when it clears the bit, has seen all that led to this wake.
    // SAFETY: by the caller; `remote` is a shared field.
    unsafe { task.header() }.branch.remote.fetch_or(remote::WOKEN, Ordering::AcqRel) & remote::WOKEN == 0
}

/// Puts a claimed task into its loop's inbox. False if the loop has closed; then the claim is given up.
///
/// # Safety
/// The task's header is valid, and its owner is static, or counted by the caller until the task is in and by what `keep`
/// gives beyond that, as [`Inbox::push`](crate::inbox::Inbox::push) has it.
pub(crate) unsafe fn push<K>(task: TaskRef, keep: impl Fn() -> K) -> bool {
    // SAFETY: by the caller. The owner is read after the claim, which keeps the slot from moving to another loop.
    let header = unsafe { task.header() };
    // Null before a slot's first use, when it has no waker.
    let owner = header.owner.load(Ordering::Acquire);
    // SAFETY: by the caller.
    let pushed = !owner.is_null() && unsafe { Inbox::push(&raw const (*owner).inbox, task, keep) };
    if !pushed {
        header.branch.remote.fetch_and(!remote::WOKEN, Ordering::AcqRel);
    }
    pushed
}

/// Queues a task for the first time.
///
/// # Safety
/// TASK, in the context of `l`, which owns the task; it is new.
#[inline]
pub(super) unsafe fn wake_new(l: &EventLoop, task: TaskRef) {
    // SAFETY: by the caller.
    unsafe {
        task.header().set(state::QUEUED);
        l.ready.push(task);
    }
}

/// Queues a task, unless it is queued or done.
///
/// # Safety
/// TASK, in the context of `l`, which owns the task.
#[inline]
pub(crate) unsafe fn wake_local(l: &EventLoop, task: TaskRef) {
    // SAFETY: by the caller.
    let header = unsafe { task.header() };
    let bits = header.branch.state.get();
    if bits & (state::LIVE | state::QUEUED | state::DONE) == state::LIVE {
        header.set(state::QUEUED);
        // SAFETY: by the caller, and it was not queued.
        unsafe { l.ready.push(task) };
    } else if bits & (state::DONE | state::PROBED) == state::PROBED {
        // Now there is a reason of its own.
        header.clear(state::PROBED);
    }
}
