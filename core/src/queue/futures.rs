//! The futures of a queue's `put` and `get`: mostly nobody has to wait, and they are ready at once, without a waiter.

use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::error::{PutFailed, QueueShutDown, TryGetError, TryPutError};
use super::ops::{Getter, Putter};
use super::order::Order;
use super::ordered::Queue;
use super::storage::QueueStorage;
use crate::flavour::Flavour;
use crate::waiter::Acquire;

pin_project! {
    /// The future of [`Queue::put`].
    pub(super) struct Putting<'a, T, S: QueueStorage, R: Flavour, O: Order<T>> {
        queue: &'a Queue<T, S, R, O>,
        item: Option<T>,
        #[pin]
        waits: Option<Acquire<Putter<'a, T, S, R, O>>>,
    }
}

impl<'a, T, S: QueueStorage, R: Flavour, O: Order<T>> Putting<'a, T, S, R, O> {
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn new(queue: &'a Queue<T, S, R, O>, item: T) -> Self {
        Self { queue, item: Some(item), waits: None }
    }
}

impl<'a, T, S: QueueStorage, R: Flavour, O: Order<T>> Future for Putting<'a, T, S, R, O> {
    type Output = Result<(), S::PutError<T>>;

    #[cfg_attr(feature = "std", inline)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let queue: &'a Queue<T, S, R, O> = this.queue;
        if this.waits.as_mut().as_pin_mut().is_none() {
            let Some(item) = this.item.take() else { panic!("`put` was polled after it was ready") };
            match queue.put_nowait(item) {
                Err(TryPutError::QueueFull(item)) => *this.item = Some(item),
                done => return Poll::Ready(done.map_err(PutFailed::new)),
            }
            this.waits.set(Some(Acquire::after_attempt(Putter(queue))));
        }
        let waited = match this.waits.as_mut().as_pin_mut() {
            Some(waits) => ready!(waits.poll(cx)).is_ok(),
            None => false,
        };
        this.waits.set(None);
        let Some(item) = this.item.take() else { unreachable!("it waited with its item") };
        Poll::Ready(queue.put_after(waited, item).map_err(PutFailed::new))
    }
}

pin_project! {
    /// The future of [`Queue::get`].
    pub(super) struct Getting<'a, T, S: QueueStorage, R: Flavour, O: Order<T>> {
        queue: &'a Queue<T, S, R, O>,
        #[pin]
        waits: Option<Acquire<Getter<'a, T, S, R, O>>>,
    }
}

impl<'a, T, S: QueueStorage, R: Flavour, O: Order<T>> Getting<'a, T, S, R, O> {
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn new(queue: &'a Queue<T, S, R, O>) -> Self {
        Self { queue, waits: None }
    }
}

impl<'a, T, S: QueueStorage, R: Flavour, O: Order<T>> Future for Getting<'a, T, S, R, O> {
    type Output = Result<T, QueueShutDown>;

    #[cfg_attr(feature = "std", inline)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let queue: &'a Queue<T, S, R, O> = this.queue;
        if this.waits.as_mut().as_pin_mut().is_none() {
            match queue.get_nowait() {
                Ok(item) => return Poll::Ready(Ok(item)),
                Err(TryGetError::QueueShutDown) => return Poll::Ready(Err(QueueShutDown(()))),
                Err(TryGetError::QueueEmpty) => {}
            }
            this.waits.set(Some(Acquire::after_attempt(Getter(queue))));
        }
        let waited = match this.waits.as_mut().as_pin_mut() {
            Some(waits) => ready!(waits.poll(cx)).is_ok(),
            None => false,
        };
        this.waits.set(None);
        Poll::Ready(queue.get_after(waited))
    }
}
