//! Heap tasks in blocks of their own: those that are too large or too strictly aligned for a page, those that were made in
//! another context, and all where memory is scarce.

use alloc::boxed::Box;
use core::cell::UnsafeCell;
use core::ptr::{self, NonNull};
use core::task::RawWakerVTable;

use super::{COUNTED, Head, forget_waker, head, released};
use crate::EventLoop;
use crate::shim::Cell;
use crate::task::cell::{Place, Stage, Typed};
use crate::task::header::{Header, TaskRef};

/// The list's links, at the same place in all such blocks.
#[repr(C)]
struct Links {
    head: Head,
    prev: Cell<*mut Header>,
    next: Cell<*mut Header>,
}

#[repr(C)]
struct Block<F: Future> {
    links: Links,
    stage: UnsafeCell<Stage<F>>,
}

/// The tasks of a loop in blocks of their own, newest first.
pub(super) struct AloneTasks {
    newest: Cell<*mut Header>,
}

impl AloneTasks {
    pub(super) const fn new() -> Self {
        Self { newest: Cell::new(ptr::null_mut()) }
    }

    /// Calls `f` with every task, newest first. `f` must not release tasks.
    ///
    /// # Safety
    /// HEAP, in the loop's context.
    pub(super) unsafe fn for_each(&self, mut f: impl FnMut(TaskRef)) {
        let mut next = self.newest.get();
        while let Some(task) = TaskRef::from_ptr(next) {
            f(task);
            // SAFETY: HEAP.
            next = unsafe { (*links(task)).next.get() };
        }
    }

    /// # Safety
    /// HEAP: a task that is being created, in the loop's context.
    pub(super) unsafe fn insert(&self, task: TaskRef) {
        let before = self.newest.replace(task.as_ptr());
        // SAFETY: by the caller, and HEAP.
        unsafe {
            (*links(task)).next.set(before);
            if let Some(before) = TaskRef::from_ptr(before) {
                (*links(before)).prev.set(task.as_ptr());
            }
        }
    }

    /// # Safety
    /// HEAP: a task of this list, in the loop's context.
    unsafe fn remove(&self, task: TaskRef) {
        // SAFETY: by the caller, and HEAP.
        unsafe {
            let (prev, next) = ((*links(task)).prev.get(), (*links(task)).next.get());
            match TaskRef::from_ptr(prev) {
                Some(prev) => (*links(prev)).next.set(next),
                None => self.newest.set(next),
            }
            if let Some(next) = TaskRef::from_ptr(next) {
                (*links(next)).prev.set(prev);
            }
        }
    }
}

fn links(task: TaskRef) -> *const Links {
    task.as_ptr().cast_const().cast()
}

/// A new task in a block of its own, for a loop that is yet to be told of it.
///
/// # Safety
/// The future at `future` is moved out.
pub(super) unsafe fn block<F: Future>(l: *mut EventLoop, future: *const F) -> TaskRef {
    let block = Box::into_raw(Box::<Block<F>>::new_uninit()).cast::<Block<F>>();
    // SAFETY: the block is new. By the caller.
    unsafe {
        (&raw mut (*block).links).write(Links {
            head: Head::new(l),
            prev: Cell::new(ptr::null_mut()),
            next: Cell::new(ptr::null_mut()),
        });
        (&raw mut (*block).stage).write(UnsafeCell::new(Stage::new(future.read())));
        let task = TaskRef::from_nonnull(NonNull::new_unchecked(block.cast()));
        (*head(task)).materialize();
        task.header().vtable.set(Some(Typed::<F, Alone>::VTABLE));
        task
    }
}

/// Tasks in blocks of their own.
pub(super) struct Alone;

impl Place for Alone {
    const WAKER: &'static RawWakerVTable = &COUNTED;
    #[cfg(target_pointer_width = "64")]
    const LABELS_ARE_ASIDE: bool = true;

    unsafe fn stage<F: Future>(task: TaskRef) -> *mut Stage<F> {
        // SAFETY: by the caller the header is the start of a `Block<F>`, with the right to all of it.
        unsafe { (&raw mut (*task.as_ptr().cast::<Block<F>>()).stage).cast() }
    }

    unsafe fn release<F: Future>(task: TaskRef) {
        // SAFETY: by the caller this is the loop's context and, but for wakers, the last use of the task.
        unsafe {
            (*task.header().owner()).heap.alone.remove(task);
            task.header().locals.end();
            released(task, |_| drop(Box::from_raw(task.as_ptr().cast::<Block<F>>())));
        }
    }

    unsafe fn adopt(l: &EventLoop, task: TaskRef) -> bool {
        // SAFETY: HEAP: it is new to the loop, whose context this is.
        unsafe { l.heap.alone.insert(task) };
        l.heap.one_more();
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
            EventLoop::release(l, crate::current::is(l));
        }
    }
}
