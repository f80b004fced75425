//! The rules by which a request goes down the tree, is withdrawn, given back, and surfaces.
//!
//! All of it takes raw pointers, since a branch is found from its children and they from it.

use core::ptr;
use core::task::Waker;

use super::branch::{Branch, Scope, flag, own};
use super::walk;
use crate::task::TaskRef;
use crate::waker_cell;
use flag::{PASSED, PROBING, RAISED, REQUEST, SCOPE, SHIELD, TAKEN, UNPOLLED};

/// What to do with the inner future before the poll.
pub(crate) enum Enter {
    /// Drop it: it was asked to end, and no scope inside could clean up.
    Drop,
    /// Poll it. `copied`: a request was just handed to the scopes inside, so [`leave`] must look what became of it.
    Poll { copied: bool },
}

/// A scope is about to be polled: links it under `parent` (null outside a loop) and keeps its waker. R5.
///
/// # Safety
/// `scope` is pinned and dropped before its memory is reused; `parent` is the branch that is being polled.
#[cfg_attr(feature = "std", inline)]
pub(crate) unsafe fn arrive(scope: *const Scope, parent: *const Branch, waker: &Waker) {
    // SAFETY: by the caller, and SCOPE.
    unsafe {
        (*scope).branch.clear(UNPOLLED);
        let before = (*scope).parent.get();
        if before != parent {
            if !before.is_null() {
                // Moved under another parent: what it was handed there goes back.
                depart(scope);
            }
            if !parent.is_null() {
                link(scope, parent);
            }
        }
        waker_cell::refresh(&(*scope).waker, waker);
    }
}

/// Before the inner future of `branch` is polled: delivers its request, if it holds one. R2.
///
/// # Safety
/// SCOPE; `branch` is being polled.
#[inline]
pub(crate) unsafe fn enter(branch: *const Branch) -> Enter {
    // SAFETY: by the caller; `branch` can't go while it is polled.
    unsafe {
        if !(*branch).has(REQUEST) || (*branch).has(SHIELD) {
            return Enter::Poll { copied: false };
        }
        hand_down(branch)
    }
}

/// The rare half of [`enter`], apart so that the other is short: there is a request.
#[inline(never)]
unsafe fn hand_down(branch: *const Branch) -> Enter {
    // SAFETY: as there. Children are re-read after foreign code ran.
    unsafe {
        is_again(branch);
        if (*branch).first.get().is_null() {
            take_request(branch);
            return Enter::Drop;
        }
        (*branch).clear(REQUEST | TAKEN);
        (*branch).set(PASSED);
        walk::children(branch, |child| (*child).branch.set(REQUEST | UNPOLLED));
        // A foreign combinator polls only those children that were woken.
        walk::wake_children(branch, |_| true);
        Enter::Poll { copied: true }
    }
}

/// After the inner future of `branch` was polled and is pending. True if it must be dropped now. R3 and R7.
///
/// # Safety
/// SCOPE; `branch` is being polled.
#[inline]
pub(crate) unsafe fn leave(branch: *const Branch, copied: bool) -> bool {
    // SAFETY: by the caller.
    unsafe {
        // The common case: nobody has asked for anything.
        (copied || (*branch).has(RAISED)) && settle(branch, copied)
    }
}

/// The rare half of [`leave`].
#[inline(never)]
unsafe fn settle(branch: *const Branch, copied: bool) -> bool {
    // SAFETY: as there.
    unsafe {
        let mut drop_now = false;
        if (*branch).has(RAISED) {
            drop_now = !awaits_siblings(branch, copied);
            if drop_now && is_again(branch) {
                // It is delivered by this.
                (*branch).clear(REQUEST);
            }
        }
        if copied {
            let (mut held, mut new) = (false, false);
            walk::children(branch, |child| {
                let child = &(*child).branch;
                new |= !child.has(UNPOLLED);
                if child.has(UNPOLLED) && !child.has(SHIELD) {
                    child.clear(REQUEST);
                }
                if !(*branch).has(PROBING) {
                    child.clear(UNPOLLED);
                }
                held |= child.has(REQUEST | PASSED);
            });
            // A copy that was given back in this pass is delivered in the next.
            if !held && !(*branch).has(TAKEN | REQUEST) {
                if new && !drop_now {
                    // Those that had a copy were forgotten, and others began in this very pass: it is theirs in the next.
                    (*branch).clear(PASSED);
                    (*branch).set(REQUEST);
                    wake(branch);
                    return false;
                }
                take_request(branch);
                return true;
            }
        }
        drop_now
    }
}

/// Whether a branch whose inside has RAISED must wait for children that are still dealing with the request. R7.
///
/// `copied`: all of them were woken for this pass, so it is a search for abandoned ones too. What takes their place must
/// not be waited for as if it were one of them: its cleanup would be cut when it ends.
unsafe fn awaits_siblings(branch: *const Branch, copied: bool) -> bool {
    const CLEANING: u8 = TAKEN | REQUEST | PASSED;
    // SAFETY: as for `leave`.
    unsafe {
        let probing = (*branch).has(PROBING);
        let mut waits = false;
        walk::children(branch, |child| {
            let child = &(*child).branch;
            if child.has(CLEANING) {
                if (probing || copied) && child.has(UNPOLLED) {
                    // It was woken and nobody polled it: it is abandoned, and nothing will end its cleanup.
                    child.clear(CLEANING);
                } else {
                    waits = true;
                }
            }
        });
        if probing {
            (*branch).clear(PROBING);
        } else if waits {
            // One probe for each pass that something else caused: after a pass that a probe caused, be it this
            // branch's or another's, there is none, or nested branches would set each other off for ever.
            crate::task::probe(|| {
                (*branch).set(PROBING);
                walk::children(branch, |child| {
                    if (*child).branch.has(CLEANING) {
                        (*child).branch.set(UNPOLLED);
                    }
                });
                walk::wake_children(branch, |child| child.has(UNPOLLED));
                wake(branch);
            });
        }
        waits
    }
}

/// The branch takes its request: its inner future is dropped for it, or the request is forwarded. Tells all those
/// above that handed the request down.
///
/// # Safety
/// SCOPE.
pub(crate) unsafe fn take_request(branch: *const Branch) {
    // SAFETY: by the caller.
    unsafe {
        (*branch).clear(REQUEST | PASSED);
        take_above(branch);
    }
}

/// As [`take_request`], but what the branch itself has of the request, which came back to it or is held in it, is yet to
/// be delivered there.
///
/// # Safety
/// SCOPE.
pub(crate) unsafe fn take_above(branch: *const Branch) {
    // SAFETY: by the caller.
    unsafe {
        let mut at = branch;
        // A wish of the scope's own is nobody else's request; nor did whoever is not PASSED hand this one down.
        while !has_wish(at) {
            at = parent(at);
            match at.as_ref() {
                Some(above) if above.has(PASSED) => {
                    above.clear(PASSED);
                    above.set(TAKEN);
                }
                _ => return,
            }
        }
    }
}

/// Whether what the branch asks of its inside is its own wish.
pub(super) unsafe fn has_wish(branch: *const Branch) -> bool {
    // SAFETY: as for `take_request`. The byte of a root means something else.
    unsafe { (*branch).has(SCOPE) && (*branch).state.get() & own::WISH != 0 }
}

/// Whether a scope around this branch is giving its inside the last chance before its deadline asks. R9.
///
/// # Safety
/// SCOPE.
pub(crate) unsafe fn outer_has_expired(branch: *const Branch) -> bool {
    // SAFETY: by the caller: all that is above a linked scope is valid.
    unsafe {
        let mut above = parent(branch);
        while let Some(b) = above.as_ref()
            && b.has(SCOPE)
        {
            if b.state.get() & own::LAST_CHANCE != 0 {
                return true;
            }
            above = parent(above);
        }
        false
    }
}

/// A scope has finished or is dropped: its children are orphans, and it leaves its parent. R4 and R5.
///
/// # Safety
/// SCOPE; the inner future of the scope is dropped, or ready.
#[cfg_attr(feature = "std", inline)]
pub(crate) unsafe fn finish(scope: *const Scope) {
    // SAFETY: by the caller.
    unsafe {
        orphan_children(scope.cast());
        if !(*scope).parent.get().is_null() {
            depart(scope);
        }
        (*scope).branch.flags.set((*scope).branch.flags.get() & (SCOPE | SHIELD));
    }
}

/// Unlinks all children of a branch that ends, and withdraws the copies they hold. R5.
///
/// # Safety
/// SCOPE.
#[cfg_attr(feature = "std", inline)]
pub(crate) unsafe fn orphan_children(branch: *const Branch) {
    // SAFETY: by the caller.
    unsafe {
        if !(*branch).first.get().is_null() {
            // What is still linked was forgotten, or stashed away to be polled elsewhere.
            orphan_all(branch);
        }
    }
}

#[inline(never)]
unsafe fn orphan_all(branch: *const Branch) {
    // SAFETY: as for `orphan_children`.
    unsafe {
        while let Some(child) = (*branch).first.get().as_ref() {
            unlink(child);
            withdraw_below(&raw const child.branch);
        }
    }
}

/// Withdraws the copies of a request from a subtree that was cut off.
unsafe fn withdraw_below(top: *const Branch) {
    // SAFETY: as for `orphan_children`. A loop, since the depth is the program's.
    unsafe {
        (*top).clear(REQUEST | PASSED | UNPOLLED | RAISED | PROBING);
        // What something in it took does not go back to those above, so that what others in it hold is all that is left.
        if !(*top).has(TAKEN) {
            walk::below(top, |scope| (*scope).branch.clear(REQUEST | PASSED | UNPOLLED));
        }
    }
}

/// The scope lets the cancellation go on outwards: it leaves, and its parent's inside has RAISED. R6.
///
/// # Safety
/// SCOPE; the inner future of the scope is dropped. The scope's future stays pending from here on.
pub(crate) unsafe fn surface(scope: *const Scope) {
    // SAFETY: by the caller.
    unsafe {
        let (parent, resumed) = ((*scope).parent.get(), (*scope).has_resumed());
        is_again(scope.cast());
        finish(scope);
        if let Some(above) = parent.as_ref() {
            // Of several the first goes on.
            if !above.has(RAISED) && above.has(SCOPE) {
                (*parent.cast::<Scope>()).set_resumed(resumed);
            }
            above.set(RAISED);
        }
    }
}

/// A scope has given something though the request that it was handed was taken in it: it leaves, and the request is
/// delivered once more, at the next await around it.
///
/// # Safety
/// As for `finish`; the scope is being polled.
pub(crate) unsafe fn finish_and_ask_again(scope: *const Scope) {
    // SAFETY: by the caller.
    unsafe {
        let above = (*scope).parent.get();
        is_again(scope.cast());
        finish(scope);
        ask_again(above);
    }
}

/// A request that came to nothing is to be delivered by this branch once more, unless something else in it holds or took
/// it: that is not to be asked twice for one.
unsafe fn ask_again(branch: *const Branch) {
    // SAFETY: as for `leave`, or null.
    unsafe {
        let Some(b) = branch.as_ref() else { return };
        let mut held = false;
        walk::children(branch, |child| held |= (*child).branch.has(REQUEST | PASSED | TAKEN));
        if held {
            return;
        }
        b.set(REQUEST);
        if b.has(SCOPE) {
            (*branch.cast::<Scope>()).mark(own::AGAIN);
        }
        wake(branch);
    }
}

/// Whether the request that the branch holds was taken inside it before. From here on nothing says so any more.
unsafe fn is_again(branch: *const Branch) -> bool {
    // SAFETY: as for `leave`. The byte of a root means something else.
    unsafe {
        if !(*branch).has(SCOPE) {
            return false;
        }
        let scope = &*branch.cast::<Scope>();
        let again = scope.is(own::AGAIN);
        scope.unmark(own::AGAIN);
        again && (*branch).has(REQUEST)
    }
}

/// Takes a scope, which is linked, out from under its parent; a copy that nobody took goes back. R4.
#[cfg_attr(feature = "std", inline)]
unsafe fn depart(scope: *const Scope) {
    // SAFETY: as for `finish` and `arrive`.
    unsafe {
        if (*scope).branch.has(REQUEST | PASSED | UNPOLLED) {
            depart_with(scope);
        } else {
            // The common case: it was asked for nothing.
            (*scope).unmark(own::AGAIN);
            unlink(scope);
        }
    }
}

/// The rare half of [`depart`]: there is a copy, or was.
#[inline(never)]
unsafe fn depart_with(scope: *const Scope) {
    // SAFETY: as there.
    unsafe {
        let above = (*scope).parent.get();
        let untaken = (*scope).branch.has(REQUEST | PASSED);
        // One that it took before, and that is nobody's but those above.
        let again = is_again(scope.cast()) && !has_wish(scope.cast());
        unlink(scope);
        (*scope).branch.clear(REQUEST | PASSED | UNPOLLED);
        if again && (*above).has(TAKEN) {
            return ask_again(above);
        }
        if !untaken || !(*above).has(PASSED) {
            return;
        }
        let mut held = false;
        walk::children(above, |child| held |= (*child).branch.has(REQUEST | PASSED));
        if !held {
            (*above).clear(PASSED);
            (*above).set(REQUEST);
            wake(above);
        }
    }
}

#[cfg_attr(feature = "std", inline)]
unsafe fn link(scope: *const Scope, parent: *const Branch) {
    // SAFETY: as for `arrive`.
    unsafe {
        let first = (*parent).first.replace(scope);
        (*scope).parent.set(parent);
        (*scope).prev.set(ptr::null());
        (*scope).next.set(first);
        if let Some(first) = first.as_ref() {
            first.prev.set(scope);
        }
    }
}

#[cfg_attr(feature = "std", inline)]
pub(super) unsafe fn unlink(scope: *const Scope) {
    // SAFETY: SCOPE: the scope and its neighbours are linked, so they are valid.
    unsafe {
        let parent = (*scope).parent.replace(ptr::null());
        let (prev, next) = ((*scope).prev.replace(ptr::null()), (*scope).next.replace(ptr::null()));
        match prev.as_ref() {
            Some(prev) => prev.next.set(next),
            None => (*parent).first.set(next),
        }
        if let Some(next) = next.as_ref() {
            next.prev.set(prev);
        }
    }
}

/// The branch above, null for a root and for a scope that is not linked.
pub(super) unsafe fn parent(branch: *const Branch) -> *const Branch {
    // SAFETY: SCOPE: a branch that is not a root is the start of a scope.
    unsafe {
        if !(*branch).has(SCOPE) {
            return ptr::null();
        }
        (*branch.cast::<Scope>()).parent.get()
    }
}

/// Has the branch polled again.
unsafe fn wake(branch: *const Branch) {
    // SAFETY: as for `parent`, and a root is the start of a task's header (TASK).
    unsafe {
        if !(*branch).has(SCOPE) {
            if let Some(task) = TaskRef::from_ptr(branch.cast_mut().cast()) {
                crate::task::wake_task(task);
            }
        } else {
            waker_cell::wake(&raw const (*branch.cast::<Scope>()).waker);
        }
    }
}
