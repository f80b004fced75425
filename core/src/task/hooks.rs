//! What a platform is told of each task's polls: only with the `hooks` feature.

use alloc::boxed::Box;

use super::header::TaskRef;
use super::info::TaskInfo;
use crate::shim::{self, Cell};
use crate::{EventLoop, event_loop};

/// What is told of the polls of one task, made by [`Platform::observer`](crate::platform::Platform::observer). It is dropped
/// when the task ends.
///
/// It is called in the loop's own context, and may use the loop like any code of the task; a panic in it goes to the
/// exception handler. Only with the feature `hooks`.
pub trait TaskObserver {
    /// A poll of the task begins, or its future is about to be dropped.
    fn poll_begins(&mut self, task: &TaskInfo);

    /// What began has ended, also by a panic.
    fn poll_ends(&mut self);
}

/// Who is told of a task's polls. During one it is on the stack instead, so that nothing it calls can end it.
pub(crate) struct Hook(Cell<Option<Box<dyn TaskObserver>>>);

/// A poll that somebody is told of.
#[must_use]
pub(super) struct Told(Option<Box<dyn TaskObserver>>);

impl Hook {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// A poll of `task`, a task of `l`, begins.
    ///
    /// # Safety
    /// TASK, in the context of `l`, whose task it is. It is not given back before [`end`](Self::end).
    pub(super) unsafe fn begin(l: &EventLoop, task: TaskRef) -> Told {
        // SAFETY: by the caller.
        let (hook, header) = unsafe { (task.hook(), task.header()) };
        let mut observer = hook.0.take();
        guarded(|| {
            // The first time. Whoever is not observed then is not asked about again.
            if header.progress.polls() == 0 && observer.is_none() {
                // SAFETY: it is set by `run` for as long as it borrows the platform.
                let platform = l.platform().map(|platform| unsafe { &*platform });
                observer = platform.and_then(|platform| platform.observer(&TaskInfo::new(l, task)));
            }
            if let Some(observer) = &mut observer {
                observer.poll_begins(&TaskInfo::new(l, task));
            }
        });
        Told(observer)
    }

    /// It has ended, and with it the task if it is not `pending`.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop.
    pub(super) unsafe fn end(task: TaskRef, told: Told, pending: bool) {
        let Told(Some(mut observer)) = told else { return };
        guarded(|| observer.poll_ends());
        if pending {
            // SAFETY: by the caller.
            unsafe { task.hook() }.0.set(Some(observer));
        } else {
            guarded(|| drop(observer));
        }
    }
}

/// A panic of foreign code here is none of the task's.
fn guarded(f: impl FnOnce()) {
    if let Err(payload) = shim::catch(f) {
        event_loop::unhandled(payload);
    }
}
