use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::error::TryGetError;
use super::ops::Getter;
use super::order::{FirstInFirstOut, Order};
use super::ordered::Queue;
use super::storage::QueueStorage;
use crate::flavour::{Flavour, Local};
use crate::waiter::Acquire;

pin_project! {
    /// The items of a [`Queue`] as a [`Stream`]: see [`Queue::stream`].
    #[must_use = "streams do nothing unless polled"]
    pub struct QueueStream<'a, T, S: QueueStorage, R: Flavour = Local, O: Order<T> = FirstInFirstOut> {
        queue: &'a Queue<T, S, R, O>,
        // The place in the line, while it waits.
        #[pin]
        waiting: Option<Acquire<Getter<'a, T, S, R, O>>>,
        ended: bool,
    }
}

impl<'a, T, S: QueueStorage, R: Flavour, O: Order<T>> QueueStream<'a, T, S, R, O> {
    pub(super) fn new(queue: &'a Queue<T, S, R, O>) -> Self {
        Self { queue, waiting: None, ended: false }
    }
}

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> Stream for QueueStream<'_, T, S, R, O> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut this = self.project();
        if this.waiting.is_none() {
            match this.queue.get_nowait() {
                Ok(item) => return Poll::Ready(Some(item)),
                Err(TryGetError::QueueShutDown) => {
                    *this.ended = true;
                    return Poll::Ready(None);
                }
                Err(TryGetError::QueueEmpty) => {
                    this.waiting.set(Some(Acquire::after_attempt(Getter(this.queue))))
                }
            }
        }
        let waited = match this.waiting.as_mut().as_pin_mut() {
            Some(waiting) => ready!(waiting.poll(cx)).is_ok(),
            None => false,
        };
        this.waiting.set(None);
        let item = this.queue.get_after(waited).ok();
        *this.ended = item.is_none();
        Poll::Ready(item)
    }
}

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> FusedStream for QueueStream<'_, T, S, R, O> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> fmt::Debug for QueueStream<'_, T, S, R, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueStream").field("queue", self.queue).field("ended", &self.ended).finish()
    }
}
