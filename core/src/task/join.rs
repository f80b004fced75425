use core::borrow::BorrowMut;
use core::marker::PhantomData;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::awaiting::Await;
use super::handle::Task;
use crate::scope::CancelledError;

pin_project! {
    /// The future of `task.await`, for a handle or for `&mut` of one.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Join<T, H: BorrowMut<Task<T>>> {
        handle: H,
        // Made where it stays, by the first poll that finds the task not done.
        #[pin]
        awaits: Option<Await>,
        output: PhantomData<T>,
    }

    impl<T, H: BorrowMut<Task<T>>> PinnedDrop for Join<T, H> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(awaits) = this.awaits.as_pin_mut() {
                let handle: &mut H = this.handle;
                // SAFETY: HANDLE keeps the task.
                unsafe { awaits.as_ref().leave((*handle).borrow().task()) };
            }
        }
    }
}

impl<T, H: BorrowMut<Task<T>>> Join<T, H> {
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn new(handle: H) -> Self {
        Self { handle, awaits: None, output: PhantomData }
    }
}

impl<T, H: BorrowMut<Task<T>>> Future for Join<T, H> {
    type Output = Result<T, CancelledError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let handle: &mut H = this.handle;
        let handle: &mut Task<T> = handle.borrow_mut();
        if this.awaits.as_mut().as_pin_mut().is_none() {
            if handle.done() {
                // Nobody needs to know of this await.
                return Poll::Ready(handle.take());
            }
            // Not by `set`, which looks for something to drop.
            // SAFETY: there is nothing there, and what is written stays where it is.
            unsafe { ptr::write(this.awaits.as_mut().get_unchecked_mut(), Some(Await::new())) };
        }
        if let Some(awaits) = this.awaits.as_pin_mut() {
            // SAFETY: HANDLE keeps the task, and a handle always names the same.
            ready!(unsafe { awaits.as_ref().poll(handle.task(), cx) });
        }
        Poll::Ready(handle.take())
    }
}
