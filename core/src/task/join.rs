use core::borrow::BorrowMut;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::handle::Task;
use super::watch::Watcher;
use crate::scope::{self, CancelledError, Scope, ScopeKind, current_branch};
use crate::{WaitReason, task::step, waits_on};

/// Bits of the scope's own byte.
mod state {
    /// A request was forwarded to the awaited task.
    pub(super) const FORWARDED: u8 = 1;
    /// A cancellation goes on outwards: pending for good.
    pub(super) const SURFACED: u8 = 2;
}

pin_project! {
    /// The future of `task.await`, for a handle or for `&mut` of one.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Join<T, H: BorrowMut<Task<T>>> {
        handle: H,
        #[pin]
        watcher: Watcher,
        #[pin]
        scope: Scope,
        output: PhantomData<T>,
    }

    impl<T, H: BorrowMut<Task<T>>> PinnedDrop for Join<T, H> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let handle: &mut H = this.handle;
            // SAFETY: HANDLE keeps the task, and WATCH: the watcher can only be in this task's list.
            unsafe { (*handle).borrow().task().header().watchers.remove(Watcher::node(&raw const *this.watcher)) };
        }
    }
}

impl<T, H: BorrowMut<Task<T>>> Join<T, H> {
    pub(super) fn new(handle: H) -> Self {
        Self { handle, watcher: Watcher::new(), scope: Scope::new(ScopeKind::Await), output: PhantomData }
    }
}

impl<T, H: BorrowMut<Task<T>>> Future for Join<T, H> {
    type Output = Result<T, CancelledError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let scope = this.scope.as_ref();
        if scope.is(state::SURFACED) {
            return Poll::Pending;
        }
        let handle: &mut H = this.handle;
        let handle: &mut Task<T> = handle.borrow_mut();
        let task = handle.task();
        // SAFETY: SCOPE: pinned, and polled under the branch that is being polled. HANDLE keeps the task.
        unsafe {
            scope::arrive(scope.get_ref(), current_branch(), cx.waker());
            if scope.is_asked() {
                let branch = scope::as_branch(scope.get_ref());
                let asked = scope::asked(branch);
                scope::take_request(branch);
                // What is done already can't be asked any more: the one who awaits it ends.
                if !step::hand_on(task, asked, scope::message(branch)) {
                    return surface(scope);
                }
                scope.mark(state::FORWARDED);
                // The awaited task cleans up in this scope's place: a sibling that surfaces waits for it.
                scope.set_taken();
            }
            let watcher = this.watcher.as_ref();
            if !handle.done() {
                assert!(!handle.is_current(), "a task can't await itself");
                watcher.set_waker(cx.waker(), || scope::as_branch(scope.get_ref()));
            }
            // Asked anew: the clone of a foreign waker may have ended the task.
            if !handle.done() {
                if !watcher.is_linked() {
                    task.header().watchers.push(Watcher::node(watcher.get_ref()));
                }
                waits_on(WaitReason::Task);
                return Poll::Pending;
            }
            task.header().watchers.remove(Watcher::node(watcher.get_ref()));
            if handle.cancelled() && scope.is(state::FORWARDED) {
                return surface(scope);
            }
            scope::finish(scope.get_ref());
        }
        Poll::Ready(handle.take())
    }
}

/// # Safety
/// SCOPE.
unsafe fn surface<T>(scope: Pin<&Scope>) -> Poll<T> {
    scope.mark(state::SURFACED);
    // SAFETY: by the caller; there is no inner future.
    unsafe { scope::surface(scope.get_ref()) };
    Poll::Pending
}
