use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker};

use embedded_io_async::ErrorType;

use super::flight::Flight;
use crate::net::ConnectionWriter;
use crate::stream::error::{FlushError, WriteError};
use crate::{Event, WaitReason, panics, waits_on, waker_cell};

/// What waits to be sent is kept in pieces of so many bytes at most, each given back as soon as it was sent.
const PIECE: usize = 64 * 1024;

/// asyncio's.
const HIGH: usize = 64 * 1024;
const LOW: usize = HIGH / 4;

/// How far the writing has come to its end, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Open,
    /// Nothing may be written any more; the end is still to be sent.
    EofAsked,
    EofSent,
    /// To be closed once all was sent.
    CloseAsked,
    /// To be reset.
    AbortAsked,
    Closed,
}

/// What the writer and the task that sends for it share.
pub(super) struct Inner<W: ErrorType, I> {
    /// None while a flight has it, and once it is closed.
    pub(super) sink: Cell<Option<W>>,
    pub(super) info: I,
    pub(super) queue: RefCell<VecDeque<Vec<u8>>>,
    /// How many bytes were written and not sent, also those that a flight has.
    pub(super) size: Cell<usize>,
    high: Cell<usize>,
    low: Cell<usize>,
    /// It was above the high-water mark and has not been at the low one since.
    paused: Cell<bool>,
    /// The sink took much at once, and nobody has let others have their turn since.
    pub(super) much: Cell<bool>,
    pub(super) end: Cell<End>,
    pub(super) error: RefCell<Option<Rc<W::Error>>>,
    /// Who has it, to hear of an abort.
    waker: Cell<Option<Waker>>,
    /// Set and cleared at once: for those who wait until it is drained or closed.
    changed: Event,
}

impl<W: ErrorType, I> Inner<W, I> {
    pub(super) fn new(sink: W, info: I) -> Self {
        Self {
            sink: Cell::new(Some(sink)),
            info,
            queue: RefCell::default(),
            size: Cell::new(0),
            high: Cell::new(HIGH),
            low: Cell::new(LOW),
            paused: Cell::new(false),
            much: Cell::new(false),
            end: Cell::new(End::Open),
            error: RefCell::new(None),
            waker: Cell::new(None),
            changed: Event::new(),
        }
    }

    fn notify(&self) {
        self.changed.set();
        self.changed.clear();
    }

    pub(super) fn limits(&self) -> (usize, usize) {
        (self.low.get(), self.high.get())
    }

    pub(super) fn set_limits(&self, low: usize, high: usize) {
        self.low.set(low);
        self.high.set(high);
        self.grown();
        self.shrunk();
    }

    /// There is more to send.
    fn grown(&self) {
        if self.size.get() > self.high.get() {
            self.paused.set(true);
        }
    }

    /// There is less to send.
    fn shrunk(&self) {
        if self.size.get() <= self.low.get() && self.paused.replace(false) {
            self.notify();
        }
    }

    /// So many bytes were sent.
    pub(super) fn sent(&self, count: usize) {
        self.size.set(self.size.get() - count);
        self.shrunk();
    }

    /// The end of the stream was sent.
    pub(super) fn eof_sent(&self) {
        if self.end.get() == End::EofAsked {
            self.end.set(End::EofSent);
        }
    }

    /// There is nothing more to send, and nowhere to: it was closed, in whatever way, or has failed.
    pub(super) fn finish(&self, error: Option<W::Error>) {
        self.end.set(End::Closed);
        let queue = self.queue.take();
        self.size.set(0);
        self.paused.set(false);
        if let Some(error) = error {
            *self.error.borrow_mut() = Some(Rc::new(error));
        }
        drop(queue);
        self.notify();
    }

    fn check(&self) -> Result<(), WriteError> {
        match self.end.get() {
            End::Open => Ok(()),
            End::EofAsked | End::EofSent => Err(WriteError::AfterEof),
            // As in asyncio: who drains is told.
            End::Closed if self.error.borrow().is_some() => Ok(()),
            End::CloseAsked | End::AbortAsked | End::Closed => Err(WriteError::Closed),
        }
    }

    /// What a drain or the wait for the close gives, if it is over.
    pub(super) fn failure(&self) -> Option<FlushError<W::Error>> {
        self.error.borrow().clone().map(FlushError::Io)
    }

    async fn wait(&self) {
        let mut wait = pin!(self.changed.wait());
        poll_fn(|cx| {
            let polled = wait.as_mut().poll(cx);
            if polled.is_pending() {
                waits_on(WaitReason::Stream);
            }
            polled
        })
        .await;
    }

    /// Nobody has the sink any more.
    pub(super) fn landed(&self) {
        // It keeps the memory of a task.
        drop(self.waker.take());
        self.notify();
    }

    /// Waits until it is not paused. An error if it has failed or is closed.
    pub(super) async fn drained(&self) -> Result<(), FlushError<W::Error>> {
        loop {
            if let Some(error) = self.failure() {
                return Err(error);
            }
            if self.end.get() == End::Closed {
                return Err(FlushError::Closed);
            }
            if !self.paused.get() {
                return Ok(());
            }
            self.wait().await;
            self.much.set(false);
        }
    }

    /// Waits until all was sent, and takes the sink. An error if it has failed or is closed.
    pub(super) async fn sink_at_rest(&self) -> Result<W, FlushError<W::Error>> {
        loop {
            if let Some(error) = self.failure() {
                return Err(error);
            }
            if self.end.get() == End::Closed {
                return Err(FlushError::Closed);
            }
            if self.size.get() == 0
                && let Some(sink) = self.sink.take()
            {
                return Ok(sink);
            }
            self.wait().await;
        }
    }

    /// Waits until it is closed. An error if it has failed.
    pub(super) async fn closed(&self) -> Result<(), FlushError<W::Error>> {
        while self.end.get() != End::Closed {
            self.wait().await;
        }
        self.failure().map_or(Ok(()), Err)
    }

    /// Adds to what is to be sent.
    pub(super) fn push(&self, data: &[u8]) {
        let mut queue = self.queue.borrow_mut();
        let mut rest = data;
        if let Some(last) = queue.back_mut() {
            let (now, later) = rest.split_at(rest.len().min(PIECE.saturating_sub(last.len())));
            last.extend_from_slice(now);
            rest = later;
        }
        queue.extend(rest.chunks(PIECE).map(<[u8]>::to_vec));
        drop(queue);
        self.size.set(self.size.get() + data.len());
        self.grown();
    }

    /// What `future` gives, or nothing if the connection is to be reset.
    pub(super) async fn unless_aborted<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            // Before the look, since the clone of a waker may itself ask for the abort.
            waker_cell::refresh(&self.waker, cx.waker());
            if self.end.get() == End::AbortAsked {
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
        .await
    }
}

/// A writer that is sent for in the background.
pub struct Handle<W: ConnectionWriter + 'static, I: 'static>(pub(super) Rc<Inner<W, I>>);

impl<W: ConnectionWriter + 'static, I: 'static> Handle<W, I> {
    pub(super) fn write(&self, pieces: &[&[u8]]) -> Result<(), WriteError> {
        let inner = &self.0;
        inner.check()?;
        if inner.end.get() == End::Closed {
            return Ok(());
        }
        let mut rest = Pieces { pieces, offset: 0 };
        let mut tried = false;
        if inner.size.get() == 0
            && let Some(mut flight) = Flight::take_off(inner)
        {
            // Mostly the kernel takes it all, and nothing need be copied.
            tried = flight.write_now(&mut rest).is_pending();
            flight.land();
            if inner.end.get() == End::Closed {
                return Ok(());
            }
        }
        for piece in rest.iter() {
            inner.push(piece);
        }
        self.send(tried);
        Ok(())
    }

    /// Lets others have their turn, if the sink has taken so much that they have waited long.
    pub(super) async fn let_others(&self) {
        let mut waits = false;
        poll_fn(|cx| {
            if !waits
                && self.0.much.replace(false)
                && let Some(mut flight) = Flight::take_off(&self.0)
            {
                waits = flight.wake_after_look(cx.waker());
                flight.land();
                // The clone of a waker is foreign code, and may have written.
                self.send(false);
                if waits {
                    return Poll::Pending;
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Has what is to be done be done, unless it is being done. `tried`: it can't be done at once.
    pub(super) fn send(&self, tried: bool) {
        if self.is_anything_to_do()
            && let Some(mut flight) = Flight::take_off(&self.0)
        {
            if !tried && flight.fly_now().is_ready() {
                flight.land();
            } else {
                flight.go_on();
            }
        }
    }

    fn is_anything_to_do(&self) -> bool {
        !self.0.queue.borrow().is_empty()
            || matches!(self.0.end.get(), End::EofAsked | End::CloseAsked | End::AbortAsked)
    }

    /// Moves on towards the end.
    pub(super) fn end(&self, end: End) {
        if self.0.end.get() >= end {
            return;
        }
        self.0.end.set(end);
        if end == End::AbortAsked
            && let Some(waker) = self.0.waker.take()
        {
            panics::wake(waker);
        }
        self.send(false);
    }
}

/// What was written before still goes out.
impl<W: ConnectionWriter + 'static, I: 'static> Drop for Handle<W, I> {
    fn drop(&mut self) {
        self.send(false);
    }
}

/// What is left of several pieces.
pub(super) struct Pieces<'a> {
    pieces: &'a [&'a [u8]],
    /// So much of the first is done.
    offset: usize,
}

impl<'a> Pieces<'a> {
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let offset = self.offset;
        self.pieces
            .iter()
            .enumerate()
            .map(move |(place, piece)| if place == 0 { &piece[offset..] } else { piece })
    }

    pub(super) fn advance(&mut self, mut count: usize) {
        while let [first, others @ ..] = self.pieces {
            let left = first.len() - self.offset;
            if count < left {
                self.offset += count;
                return;
            }
            count -= left;
            (self.pieces, self.offset) = (others, 0);
        }
    }
}
