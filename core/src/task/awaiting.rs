//! The await of a task, whatever its output.

use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, Waker};

use super::awaiter::Awaiter;
use super::header::{TaskRef, state};
use super::request;
use super::watch::{Kind, Node};
use crate::scope::{self, Scope, ScopeKind};
use crate::{WaitReason, current, waits_on};

/// Bits of the scope's own byte.
mod own {
    /// A request was forwarded to the awaited task.
    pub(super) const FORWARDED: u8 = 1;
    /// A cancellation goes on outwards: pending for good.
    pub(super) const SURFACED: u8 = 2;
}

/// One who awaits one task, pinned inside its future: a scope whose inside is that task.
#[repr(C)]
pub(super) struct Await {
    /// First, so that a pointer to it is a pointer to all of it.
    node: Node,
    awaiter: Awaiter,
    /// The waker that it keeps is also the one to wake when the task is done.
    scope: Scope,
}

impl Await {
    pub(super) const fn new() -> Self {
        Self { node: Node::new(Kind::Await), awaiter: Awaiter::new(), scope: Scope::new(ScopeKind::Await) }
    }

    #[cfg(feature = "inspect")]
    pub(super) fn awaiter(&self) -> &Awaiter {
        &self.awaiter
    }

    /// The task is done, and this was just taken out of its list. Whom to wake.
    pub(super) fn told(&self) -> Option<Waker> {
        self.scope.take_waker()
    }

    /// Ready when the task is done, and its outcome is to be taken. Pending for good if a cancellation goes on outwards.
    ///
    /// # Safety
    /// TASK: the caller has a handle to `task`, in the context of its loop; and it is the same each time.
    pub(super) unsafe fn poll(self: Pin<&Self>, task: TaskRef, cx: &mut Context<'_>) -> Poll<()> {
        let scope = &self.scope;
        // SAFETY: by the caller.
        let header = unsafe { task.header() };
        if header.has(state::DONE) && !scope.is_involved() && !scope.is(own::FORWARDED | own::SURFACED) {
            // The common end: nobody has asked for anything.
            // SAFETY: by the caller, and WATCH: it can only be in this task's list. SCOPE: it is a leaf.
            unsafe {
                self.leave(task);
                scope::finish(scope);
            }
            return Poll::Ready(());
        }
        // SAFETY: by the caller.
        unsafe { self.poll_on(task, cx) }
    }

    /// As [`poll`](Self::poll), when the task is not done, or there was a request.
    ///
    /// # Safety
    /// As there.
    #[inline(never)]
    unsafe fn poll_on(self: Pin<&Self>, task: TaskRef, cx: &mut Context<'_>) -> Poll<()> {
        let scope = &self.scope;
        if scope.is(own::SURFACED) {
            return Poll::Pending;
        }
        // SAFETY: SCOPE: pinned, and polled under the branch that is being polled. TASK by the caller, and WATCH: the
        // node is pinned, and leaves the list in `leave`.
        unsafe {
            let header = task.header();
            let (above, is_own) = current::with(|l| (l.scope.get(), l.task.get() == Some(task)))
                .unwrap_or((ptr::null(), false));
            scope::arrive(scope, above, cx.waker());
            if scope.is_asked() {
                let branch = scope::as_branch(scope);
                let asked = scope::asked(branch);
                scope::take_request(branch);
                // What is done already can't be asked any more: the one who awaits it ends.
                if !request::hand_on(task, asked, scope::message(branch)) {
                    return surface(scope);
                }
                scope.mark(own::FORWARDED);
                // The awaited task cleans up in this scope's place: a sibling that surfaces waits for it.
                scope.set_taken();
            }
            // Asked here, since the clone of a foreign waker may have ended the task.
            if !header.has(state::DONE) {
                assert!(!is_own, "a task can't await itself");
                self.awaiter.note(|| scope::as_branch(scope));
                if !self.node.is_linked() {
                    header.watchers.push(self.node());
                }
                waits_on(WaitReason::Task);
                return Poll::Pending;
            }
            self.leave(task);
            if header.has(state::CANCELLED) && scope.is(own::FORWARDED) {
                // With what the task ended with, also if that is not what was said with this request.
                scope::raise_message(scope::as_branch(scope), task.message());
                return surface(scope);
            }
            scope::finish(scope);
        }
        Poll::Ready(())
    }

    /// Its node, with the right to all of it.
    fn node(self: Pin<&Self>) -> *const Node {
        let this: *const Self = self.get_ref();
        this.cast()
    }

    /// It is about to be dropped.
    ///
    /// # Safety
    /// As for `poll`.
    #[cfg_attr(feature = "std", inline)]
    pub(super) unsafe fn leave(self: Pin<&Self>, task: TaskRef) {
        if self.node.is_linked() {
            // SAFETY: by the caller, and WATCH: it can only be in this task's list.
            unsafe { task.header().watchers.remove(self.node()) };
        }
    }
}

/// # Safety
/// SCOPE.
unsafe fn surface(scope: &Scope) -> Poll<()> {
    scope.mark(own::SURFACED);
    // SAFETY: by the caller; there is no inner future.
    unsafe { scope::surface(scope) };
    Poll::Pending
}
