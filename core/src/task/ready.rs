use core::ptr;

use super::header::{Header, TaskRef};
use crate::shim::Cell;

/// The tasks that are ready to run, in the order in which they became so.
///
/// Invariant **READY**: the queue holds exactly the tasks whose QUEUED bit is set, linked through `next`; a queued
/// task is not released.
pub(crate) struct Ready {
    head: Cell<*mut Header>,
    tail: Cell<*mut Header>,
}

impl Ready {
    pub(crate) const fn new() -> Self {
        Self { head: Cell::new(ptr::null_mut()), tail: Cell::new(ptr::null_mut()) }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.head.get().is_null()
    }

    /// The task that came last.
    #[inline]
    pub(crate) fn last(&self) -> Option<TaskRef> {
        TaskRef::from_ptr(self.tail.get())
    }

    /// How many there are. They are counted one by one, since nothing that is to be fast needs it.
    pub(crate) fn len(&self) -> usize {
        let (mut len, mut at) = (0, self.head.get());
        while let Some(task) = TaskRef::from_ptr(at) {
            len += 1;
            // SAFETY: READY.
            at = unsafe { task.header() }.next.get();
        }
        len
    }

    /// # Safety
    /// TASK, in the loop's context. The caller has just set the task's QUEUED bit.
    #[inline]
    pub(crate) unsafe fn push(&self, task: TaskRef) {
        // SAFETY: by the caller.
        unsafe { task.header() }.next.set(ptr::null_mut());
        match TaskRef::from_ptr(self.tail.get()) {
            // SAFETY: READY: it is queued, so it is valid.
            Some(last) => unsafe { last.header() }.next.set(task.as_ptr()),
            None => self.head.set(task.as_ptr()),
        }
        self.tail.set(task.as_ptr());
    }

    /// Makes the task that stands `index` places behind the first the first. Which one is then the last of those up to `last`.
    ///
    /// # Safety
    /// READY, in the loop's context; `last` is queued, no less than `index` places behind the first.
    pub(crate) unsafe fn bring_forward(&self, index: usize, last: TaskRef) -> TaskRef {
        let Some(first) = TaskRef::from_ptr(self.head.get()) else { return last };
        let mut before = first;
        // SAFETY: READY: all that is linked is valid.
        unsafe {
            for _ in 1..index {
                match TaskRef::from_ptr(before.header().next.get()) {
                    Some(next) => before = next,
                    None => return last,
                }
            }
            if index == 0 {
                return last;
            }
            let Some(chosen) = TaskRef::from_ptr(before.header().next.get()) else { return last };
            let after = chosen.header().next.get();
            before.header().next.set(after);
            if after.is_null() {
                self.tail.set(before.as_ptr());
            }
            chosen.header().next.set(first.as_ptr());
            self.head.set(chosen.as_ptr());
            if chosen == last { before } else { last }
        }
    }

    /// The task that waits longest. The caller clears its QUEUED bit.
    #[inline]
    pub(crate) fn pop(&self) -> Option<TaskRef> {
        let task = TaskRef::from_ptr(self.head.get())?;
        // SAFETY: READY.
        let next = unsafe { task.header() }.next.get();
        self.head.set(next);
        if next.is_null() {
            self.tail.set(ptr::null_mut());
        }
        Some(task)
    }
}
