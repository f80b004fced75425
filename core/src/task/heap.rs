//! Tasks on the heap: of any size, as many as memory holds.

use alloc::boxed::Box;
use core::cell::UnsafeCell;
use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::cell::{Place, Stage, Typed};
use super::create::enroll;
use super::handle::Task;
use super::header::{Header, Record, TaskRef, remote};
use super::waker::{claim, push, task, wake_here};
use crate::biased::Biased;
use crate::shim::{Cell, Ordering};
use crate::{EventLoop, current};

/// What a heap task has before its stage.
#[repr(C)]
struct Head {
    record: Record,
    /// Its wakers, and its place in the inbox.
    wakers: Biased,
    prev: Cell<*mut Header>,
    next: Cell<*mut Header>,
}

#[repr(C)]
struct Block<F: Future> {
    head: Head,
    stage: UnsafeCell<Stage<F>>,
}

/// The heap tasks of a loop, newest first.
///
/// Invariant **HEAP**: the list holds every heap task of the loop that was created and not released. Each counts as
/// a reference to a counted loop until its memory is freed, so that the inbox is there for its last waker.
pub(crate) struct HeapTasks {
    newest: Cell<*mut Header>,
}

impl HeapTasks {
    pub(crate) const fn new() -> Self {
        Self { newest: Cell::new(ptr::null_mut()) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.newest.get().is_null()
    }

    /// Calls `f` with every task, newest first. `f` must not release tasks.
    ///
    /// # Safety
    /// In the loop's context.
    pub(crate) unsafe fn for_each(&self, mut f: impl FnMut(TaskRef)) {
        let mut next = self.newest.get();
        while let Some(task) = TaskRef::from_ptr(next) {
            f(task);
            // SAFETY: HEAP.
            next = unsafe { (*head(task)).next.get() };
        }
    }

    /// # Safety
    /// HEAP: a task that is being created, in the loop's context.
    unsafe fn insert(&self, task: TaskRef) {
        let before = self.newest.replace(task.as_ptr());
        // SAFETY: by the caller, and HEAP.
        unsafe {
            (*head(task)).next.set(before);
            if let Some(before) = TaskRef::from_ptr(before) {
                (*head(before)).prev.set(task.as_ptr());
            }
        }
    }

    /// # Safety
    /// HEAP: a task of this list, in the loop's context.
    unsafe fn remove(&self, task: TaskRef) {
        // SAFETY: by the caller, and HEAP.
        unsafe {
            let (prev, next) = ((*head(task)).prev.get(), (*head(task)).next.get());
            match TaskRef::from_ptr(prev) {
                Some(prev) => (*head(prev)).next.set(next),
                None => self.newest.set(next),
            }
            if let Some(next) = TaskRef::from_ptr(next) {
                (*head(next)).prev.set(prev);
            }
        }
    }
}

fn head(task: TaskRef) -> *const Head {
    task.as_ptr().cast_const().cast()
}

/// Creates a heap task on `l`, the current loop. It is yet to be started.
pub(crate) fn create<F>(l: &EventLoop, future: F) -> Task<F::Output>
where
    F: Future,
{
    let block = Box::new(Block {
        head: Head {
            record: Record::new(Some(Typed::<F, OnHeap>::VTABLE)),
            wakers: Biased::new(),
            prev: Cell::new(ptr::null_mut()),
            next: Cell::new(ptr::null_mut()),
        },
        stage: UnsafeCell::new(Stage::new(future)),
    });
    let Some(task) = TaskRef::from_ptr(Box::into_raw(block).cast()) else { unreachable!() };
    // SAFETY: the task is new and `l` is the current loop.
    unsafe {
        task.header().materialize();
        (*head(task)).wakers.materialize();
        task.header().owner.store(l.this(), Ordering::Relaxed);
        l.heap.insert(task);
        l.count.inc(true);
        enroll(l, task)
    }
}

/// Makes a heap task for `l` in another context, and a waker of it. It is then to be sent.
///
/// # Safety
/// The caller keeps `l`. The future may be polled and dropped in the context of `l`.
pub(crate) unsafe fn bear<F: Future>(l: *const EventLoop, future: F) -> (TaskRef, Waker) {
    let block = Box::new(Block {
        head: Head {
            record: Record::new(Some(Typed::<F, OnHeap>::VTABLE)),
            wakers: Biased::new(),
            prev: Cell::new(ptr::null_mut()),
            next: Cell::new(ptr::null_mut()),
        },
        stage: UnsafeCell::new(Stage::new(future)),
    });
    let Some(task) = TaskRef::from_ptr(Box::into_raw(block).cast()) else { unreachable!() };
    // SAFETY: the task is new, and by the caller `l` is there. The table upholds the contract of `RawWaker`.
    unsafe {
        let header = task.header();
        header.materialize();
        (*head(task)).wakers.materialize();
        header.owner.store(l.cast_mut(), Ordering::Relaxed);
        header.branch.remote.store(remote::WOKEN | remote::NEW, Ordering::Relaxed);
        // One reference for the inbox, one for the waker, one of the block to the loop.
        (*head(task)).wakers.inc(false);
        (*head(task)).wakers.inc(false);
        (*l).count.inc(current::is(l));
        (task, Waker::new(task.as_ptr().cast_const().cast(), &COUNTED))
    }
}

/// Sends a task that was just made by `bear` to its loop.
///
/// # Errors
/// The loop is closed; the future comes back.
///
/// # Safety
/// `task` was made for `l` and this `F`, and not sent before; its waker is there.
pub(crate) unsafe fn send<F: Future>(l: *const EventLoop, task: TaskRef) -> Result<(), F> {
    // SAFETY: by the caller; a task that was not sent is this context's alone, which acts as its owner.
    unsafe {
        if (*l).inbox.push(task) {
            return Ok(());
        }
        let future = Stage::take_future(OnHeap::stage::<F>(task));
        let last = (*head(task)).wakers.merge();
        debug_assert!(!last, "its waker is there");
        forget_waker(task);
        Err(future)
    }
}

/// Tasks on the heap.
pub(crate) struct OnHeap;

impl Place for OnHeap {
    const WAKER: &'static RawWakerVTable = &COUNTED;

    unsafe fn stage<F: Future>(task: TaskRef) -> *mut Stage<F> {
        // SAFETY: by the caller the header is the start of a `Block<F>`, with the right to all of it.
        unsafe { (&raw mut (*task.as_ptr().cast::<Block<F>>()).stage).cast() }
    }

    unsafe fn release<F: Future>(task: TaskRef) {
        // SAFETY: by the caller this is the loop's context and, but for wakers, the last use of the task.
        unsafe {
            let l = &*task.header().owner();
            l.heap.remove(task);
            l.task_gone();
            if (*head(task)).wakers.merge() {
                Self::free::<F>(task);
            }
        }
    }

    unsafe fn adopt(l: &EventLoop, task: TaskRef) -> bool {
        // SAFETY: HEAP: it is new to the loop, whose context this is.
        unsafe { l.heap.insert(task) };
        true
    }

    unsafe fn left_inbox<F: Future>(task: TaskRef) {
        // SAFETY: INBOX: the reference that the inbox owned keeps the task until here.
        unsafe { forget_waker(task) }
    }

    unsafe fn free<F: Future>(task: TaskRef) {
        // SAFETY: by the caller nothing refers to the task any more; its stage is empty, so this runs no drop of the
        // future or output, whatever thread it is on. The loop counts the block until here.
        unsafe {
            let l = task.header().owner();
            drop(Box::from_raw(task.as_ptr().cast::<Block<F>>()));
            EventLoop::release(l, current::is(l));
        }
    }
}

/// Wakers of heap tasks count as references to them.
static COUNTED: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// Whether this is the context of the task's loop.
///
/// # Safety
/// The task is kept by a reference.
unsafe fn is_here(task: TaskRef) -> bool {
    // SAFETY: by the caller; `owner` is a shared field.
    current::is(unsafe { task.header() }.owner())
}

/// # Safety
/// The caller gives up one reference.
unsafe fn forget_waker(task: TaskRef) {
    // SAFETY: by the caller. The table of a task does not change, and it is last read here or by the loop.
    unsafe {
        if (*head(task)).wakers.dec(is_here(task)) {
            (task.vtable().free)(task);
        }
    }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    let task = task(data);
    // SAFETY: the waker that is cloned keeps the task.
    unsafe { (*head(task)).wakers.inc(is_here(task)) };
    RawWaker::new(data, &COUNTED)
}

unsafe fn wake(data: *const ()) {
    // The waker's own reference is kept until the wake is over: from the moment the task is in the inbox its loop may
    // end and be freed, while this still unparks it.
    // SAFETY: the waker keeps the task until its reference is given up.
    unsafe {
        wake_by_ref(data);
        forget_waker(task(data));
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    let task = task(data);
    // SAFETY: the waker keeps the task; the inbox gets a reference of its own.
    unsafe {
        if !wake_here(task) && claim(task) {
            (*head(task)).wakers.inc(false);
            if !push(task) {
                forget_waker(task);
            }
        }
    }
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the waker's reference is given up.
    unsafe { forget_waker(task(data)) }
}
