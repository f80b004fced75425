//! What was said with a request, and which it is.

use super::branch::{Branch, Scope, flag};
use super::tree::{has_wish, parent};
use crate::task::{Asked, TaskRef};
use flag::{PASSED, RAISED, REQUEST, SCOPE, TAKEN};

/// The task whose request, or a part of it, `branch` holds or took; none, if a scope asked by itself.
unsafe fn asked_task(branch: *const Branch) -> Option<TaskRef> {
    // SAFETY: as for `message`.
    unsafe {
        let mut at = branch;
        while (*at).has(SCOPE) {
            if has_wish(at) {
                return None;
            }
            at = parent(at);
            // Who did not hand one down has it from nobody: a race asks its losers without a mark.
            if at.is_null() || !(*at).has(PASSED | TAKEN) {
                return None;
            }
        }
        TaskRef::from_ptr(at.cast_mut().cast())
    }
}

/// The task that `branch` is a part of.
unsafe fn task(branch: *const Branch) -> Option<TaskRef> {
    // SAFETY: as for `message`: all that is above a linked scope is valid, and a root is the start of a task.
    unsafe {
        let mut at = branch;
        while !at.is_null() && (*at).has(SCOPE) {
            at = parent(at);
        }
        TaskRef::from_ptr(at.cast_mut().cast())
    }
}

/// What was said with the cancellation that reached `branch`, from above or by code in it that resumed one: nothing, if it
/// was a scope's own wish.
///
/// # Safety
/// SCOPE.
pub(crate) unsafe fn message(branch: *const Branch) -> Option<&'static str> {
    // SAFETY: by the caller.
    unsafe {
        let raised = (*branch).has(SCOPE) && (*branch).has(RAISED);
        let resumed = raised && (*branch.cast::<Scope>()).has_resumed();
        let task = if resumed { task(branch) } else { asked_task(branch) };
        task?.message()
    }
}

/// Which of the requests to its task it is that `branch` holds; none of them, if a scope asked by itself.
///
/// # Safety
/// SCOPE.
pub(crate) unsafe fn asked(branch: *const Branch) -> Option<Asked> {
    // SAFETY: by the caller.
    unsafe { asked_task(branch)?.asked() }
}

/// What was said with the request that ends the task whose future is being dropped inside `branch`.
///
/// # Safety
/// SCOPE; `branch` is the one that is being polled, null outside a loop.
pub(crate) unsafe fn as_task_message(branch: *const Branch) -> Option<&'static str> {
    if branch.is_null() {
        return None;
    }
    // SAFETY: by the caller.
    unsafe { message(branch) }
}

/// A cancellation with this message goes on outwards from `branch`: it is what the task ends with, unless a request with
/// a message of its own is on its way.
///
/// # Safety
/// SCOPE; `branch` is being polled.
pub(crate) unsafe fn raise_message(branch: *const Branch, message: Option<&'static str>) {
    // SAFETY: as for `message`.
    unsafe {
        if (*branch).has(SCOPE) {
            (*branch.cast::<Scope>()).set_resumed(true);
        }
        if let Some(task) = task(branch)
            && !(*task.branch()).has(REQUEST | PASSED)
        {
            task.set_message(message);
        }
    }
}
