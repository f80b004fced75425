//! What was said with a request, and which it is.

use super::branch::{Branch, flag};
use super::tree::{has_wish, parent};
use crate::task::{Asked, TaskRef};
use flag::{PASSED, REQUEST, SCOPE, TAKEN};

/// What was said with the request that reached `branch`: nothing, if it was a scope's own wish.
///
/// # Safety
/// SCOPE.
pub(crate) unsafe fn message(branch: *const Branch) -> Option<&'static str> {
    // SAFETY: by the caller: all that is above a linked scope is valid, and a root is the start of a task.
    unsafe {
        let mut at = branch;
        while (*at).has(SCOPE) {
            if has_wish(at) {
                return None;
            }
            at = parent(at);
            if at.is_null() {
                return None;
            }
        }
        TaskRef::from_ptr(at.cast_mut().cast())?.message()
    }
}

/// Which of the requests to its task it is that `branch` holds; none of them, if a scope began it.
///
/// # Safety
/// SCOPE.
pub(crate) unsafe fn asked(branch: *const Branch) -> Option<Asked> {
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
        TaskRef::from_ptr(at.cast_mut().cast())?.asked()
    }
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
        let mut at = branch;
        while !at.is_null() && (*at).has(SCOPE) {
            at = parent(at);
        }
        if let Some(task) = TaskRef::from_ptr(at.cast_mut().cast())
            && !(*at).has(REQUEST | PASSED)
        {
            task.set_message(message);
        }
    }
}
