use core::borrow::BorrowMut;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::handle::Task;
use super::watch::Watcher;
use crate::scope::{CancelledError, Shieldable, current_branch};
use crate::{WaitReason, waits_on};

pin_project! {
    /// The future of [`shield`](crate::shield) around a task: its await without the scope, so that a request is not
    /// handed on and waits for nothing.
    #[must_use = "futures do nothing unless awaited"]
    pub struct ShieldTask<T, H: BorrowMut<Task<T>>> {
        handle: H,
        #[pin]
        watcher: Watcher,
        output: PhantomData<T>,
    }

    impl<T, H: BorrowMut<Task<T>>> PinnedDrop for ShieldTask<T, H> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let handle: &mut H = this.handle;
            // SAFETY: HANDLE keeps the task, and WATCH: the watcher can only be in this task's list.
            unsafe { (*handle).borrow().task().header().watchers.remove(Watcher::node(&raw const *this.watcher)) };
        }
    }
}

impl<T> Shieldable for Task<T> {
    type Shield = ShieldTask<T, Self>;

    fn shielded(self) -> Self::Shield {
        ShieldTask { handle: self, watcher: Watcher::new(), output: PhantomData }
    }
}

impl<'a, T> Shieldable for &'a mut Task<T> {
    type Shield = ShieldTask<T, &'a mut Task<T>>;

    fn shielded(self) -> Self::Shield {
        ShieldTask { handle: self, watcher: Watcher::new(), output: PhantomData }
    }
}

impl<T, H: BorrowMut<Task<T>>> Future for ShieldTask<T, H> {
    type Output = Result<T, CancelledError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let handle: &mut H = this.handle;
        let handle: &mut Task<T> = handle.borrow_mut();
        let watcher = this.watcher.as_ref();
        if !handle.done() {
            assert!(!handle.is_current(), "a task can't await itself");
            watcher.set_waker(cx.waker(), current_branch);
        }
        // Asked anew: the clone of a foreign waker may have ended the task. HANDLE keeps the task; WATCH: it is not done
        // where the watcher is added, and the drop of this future takes it out.
        // SAFETY: as above.
        unsafe {
            let watchers = &handle.task().header().watchers;
            if !handle.done() {
                if !watcher.is_linked() {
                    watchers.push(Watcher::node(watcher.get_ref()));
                }
                waits_on(WaitReason::Task);
                return Poll::Pending;
            }
            watchers.remove(Watcher::node(watcher.get_ref()));
        }
        Poll::Ready(handle.take())
    }
}
