//! What is told of a task to people, and by them, and what the hot paths do not need.
//!
//! It stands behind the header of a task in static memory. A heap task has it [aside](Aside) where pointers have 64 bits:
//! most tasks have no name, and are never asked to end with a message.

#[cfg(all(feature = "alloc", target_pointer_width = "64"))]
use alloc::alloc::{Layout, alloc, dealloc};

use super::asked::Asked;
use super::header::{Record, TaskRef};
#[cfg(all(feature = "alloc", target_pointer_width = "64"))]
use super::locals::Locals;
use crate::shim::Cell;

pub(super) struct Labels {
    name: Cell<Option<&'static str>>,
    /// What was last said with a request to cancel it.
    message: Cell<Option<&'static str>>,
    /// Which request that was.
    #[cfg(not(target_pointer_width = "64"))]
    asked: Cell<Option<Asked>>,
}

impl Labels {
    pub(super) const fn new() -> Self {
        Self {
            name: Cell::new(None),
            message: Cell::new(None),
            #[cfg(not(target_pointer_width = "64"))]
            asked: Cell::new(None),
        }
    }
}

/// What a heap task has in a place of its own, once it is needed: its header's [`Locals`] then lead to it.
#[cfg(all(feature = "alloc", target_pointer_width = "64"))]
pub(super) struct Aside {
    pub(super) locals: Locals,
    labels: Labels,
}

#[cfg(all(feature = "alloc", target_pointer_width = "64"))]
impl Aside {
    /// One with these locals and without labels. `None` if there is no memory.
    fn new(locals: Locals) -> Option<*mut Self> {
        let layout = Layout::new::<Self>();
        // SAFETY: the size is not zero. What was just allocated is written to.
        unsafe {
            let this: *mut Self = alloc(layout).cast();
            if this.is_null() {
                return None;
            }
            this.write(Self { locals, labels: Labels::new() });
            Some(this)
        }
    }

    /// # Safety
    /// It was made by `new`, and has no locals any more.
    pub(super) unsafe fn free(this: *mut Self) {
        // SAFETY: by the caller.
        unsafe {
            core::ptr::drop_in_place(this);
            dealloc(this.cast(), Layout::new::<Self>());
        }
    }
}

impl TaskRef {
    /// What was said of the task; `None` if it was nothing.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop.
    unsafe fn labels<'a>(self) -> Option<&'a Labels> {
        // SAFETY: by the caller; the pointer has the right to the whole task, of which the record is the start.
        unsafe {
            #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
            if self.vtable().labels_are_aside {
                return self.header().locals.aside().map(|aside| &(*aside).labels);
            }
            Some(&(*self.as_ptr().cast::<Record>()).labels)
        }
    }

    /// The same, to say something. `None` if there is no memory for it, and then it is not said.
    ///
    /// # Safety
    /// As for `labels`.
    unsafe fn labels_to_set<'a>(self) -> Option<&'a Labels> {
        // SAFETY: by the caller. LOCALS: what is moved aside leads on to the same.
        unsafe {
            #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
            if self.vtable().labels_are_aside {
                let locals = &self.header().locals;
                let aside = match locals.aside() {
                    Some(aside) => aside,
                    None => {
                        let aside = Aside::new(Locals::new())?;
                        locals.move_aside(aside);
                        aside
                    }
                };
                return Some(&(*aside).labels);
            }
            self.labels()
        }
    }

    /// Readies what was said of another task in the same place.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop. Of a task on the heap there is nothing.
    pub(super) unsafe fn forget_labels(self) {
        // SAFETY: by the caller.
        unsafe {
            if let Some(labels) = self.labels() {
                labels.name.set(None);
                labels.message.set(None);
            }
        }
    }

    /// # Safety
    /// As for `labels`.
    pub(crate) unsafe fn name(self) -> Option<&'static str> {
        // SAFETY: by the caller.
        unsafe { self.labels() }?.name.get()
    }

    /// # Safety
    /// As for `labels`.
    pub(crate) unsafe fn set_name(self, name: &'static str) {
        // SAFETY: by the caller.
        if let Some(labels) = unsafe { self.labels_to_set() } {
            labels.name.set(Some(name));
        }
    }

    /// What was last said with a request to cancel the task.
    ///
    /// # Safety
    /// As for `labels`.
    pub(crate) unsafe fn message(self) -> Option<&'static str> {
        // SAFETY: by the caller.
        unsafe { self.labels() }?.message.get()
    }

    /// # Safety
    /// As for `labels`.
    pub(crate) unsafe fn set_message(self, message: Option<&'static str>) {
        // SAFETY: by the caller.
        let labels = unsafe { if message.is_some() { self.labels_to_set() } else { self.labels() } };
        if let Some(labels) = labels {
            labels.message.set(message);
        }
    }

    /// Which request to cancel the task was the last.
    ///
    /// # Safety
    /// As for `labels`.
    pub(crate) unsafe fn asked(self) -> Option<Asked> {
        #[cfg(target_pointer_width = "64")]
        // SAFETY: by the caller.
        return unsafe { self.header() }.asked.get();
        #[cfg(not(target_pointer_width = "64"))]
        // SAFETY: by the caller.
        return unsafe { self.labels() }?.asked.get();
    }

    /// # Safety
    /// As for `labels`.
    pub(crate) unsafe fn set_asked(self, asked: Option<Asked>) {
        #[cfg(target_pointer_width = "64")]
        // SAFETY: by the caller.
        unsafe { self.header() }.asked.set(asked);
        #[cfg(not(target_pointer_width = "64"))]
        // SAFETY: by the caller.
        if let Some(labels) = unsafe { self.labels() } {
            labels.asked.set(asked);
        }
    }
}
