//! Walks over the tree of scopes: loops, never recursion.

use core::ptr;

use super::branch::{Branch, Scope};
#[cfg(feature = "inspect")]
use super::kind::ScopeKind;
use super::tree::unlink;
use crate::waker_cell;

/// Calls `f` for each child. `f` changes no links and runs no foreign code.
///
/// # Safety
/// SCOPE.
pub(super) unsafe fn children(branch: *const Branch, mut f: impl FnMut(*const Scope)) {
    // SAFETY: by the caller, all links lead to something valid.
    unsafe {
        let mut child = (*branch).first.get();
        while !child.is_null() {
            let next = (*child).next.get();
            f(child);
            child = next;
        }
    }
}

/// Calls `f` for each scope below `top`. `f` changes no links and runs no foreign code.
///
/// # Safety
/// SCOPE.
pub(super) unsafe fn below(top: *const Branch, mut f: impl FnMut(*const Scope)) {
    // SAFETY: by the caller. Down to the first child, else on to the next sibling, else up until there is one.
    unsafe {
        let mut at = (*top).first.get();
        while !at.is_null() {
            f(at);
            let down = (*at).branch.first.get();
            if !down.is_null() {
                at = down;
                continue;
            }
            while (*at).next.get().is_null() {
                let up = (*at).parent.get();
                if ptr::eq(up, top) {
                    return;
                }
                at = up.cast();
            }
            at = (*at).next.get();
        }
    }
}

/// Calls `f` for each scope below `top`, with what it is and the branch above it. `f` runs no foreign code.
///
/// # Safety
/// SCOPE.
#[cfg(feature = "inspect")]
pub(crate) unsafe fn each_below(
    top: *const Branch,
    mut f: impl FnMut(*const Branch, ScopeKind, *const Branch),
) {
    // SAFETY: by the caller.
    unsafe {
        below(top, |scope| {
            if let Some(kind) = (*scope).kind() {
                f(scope.cast(), kind, (*scope).parent.get());
            }
        });
    }
}

/// Wakes each child that `which` says with the waker it was last polled with.
///
/// Waking runs foreign code, which may drop or link scopes. So a marker on the stack stands in the list behind the
/// child that is being woken, and whoever unlinks mends the list around it.
///
/// # Safety
/// SCOPE; `branch` is being polled, so it stays.
pub(super) unsafe fn wake_children(branch: *const Branch, which: impl Fn(&Branch) -> bool) {
    // SAFETY: by the caller. The marker is unlinked before this returns, by its own drop.
    unsafe {
        let first = (*branch).first.get();
        if first.is_null() {
            return;
        }
        let marker = Scope::marker();
        let mut child = first;
        loop {
            insert_after(child, &marker);
            if which(&(*child).branch) {
                waker_cell::wake(&raw const (*child).waker);
            }
            let next = marker.next.get();
            unlink(&marker);
            if next.is_null() {
                return;
            }
            child = next;
        }
    }
}

/// # Safety
/// SCOPE: `child` is linked and `marker` is not.
unsafe fn insert_after(child: *const Scope, marker: *const Scope) {
    // SAFETY: by the caller.
    unsafe {
        let next = (*child).next.get();
        (*marker).parent.set((*child).parent.get());
        (*marker).prev.set(child);
        (*marker).next.set(next);
        (*child).next.set(marker);
        if let Some(next) = next.as_ref() {
            next.prev.set(marker);
        }
    }
}
