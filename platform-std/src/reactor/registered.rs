use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use mio::event::Source;
use mio::{Interest, Token};

use super::direction::Waiter;
use everloop_core::{WaitReason, waits_on};

use super::driver::Driver;
use super::error::ReactorError;
use super::readiness::{Readiness, Side};
use super::rest::BEYOND;

/// A source of input that is registered with a reactor until it is closed or dropped.
pub(crate) struct Registered<S: Source> {
    /// None once it was closed.
    io: RefCell<Option<S>>,
    token: Token,
    readiness: Rc<Readiness>,
    driver: Rc<Driver>,
}

impl<S: Source> Registered<S> {
    /// Registers a source that does not block.
    pub(crate) fn new(driver: Rc<Driver>, mut io: S, interest: Interest) -> io::Result<Self> {
        let (token, readiness) = driver.register(&mut io, interest)?;
        Ok(Self { io: RefCell::new(Some(io)), token, readiness, driver })
    }

    /// The reactor it is registered with.
    pub(crate) fn driver(&self) -> &Rc<Driver> {
        &self.driver
    }

    /// Does `op` as soon as it would not block: at once if it can be.
    ///
    /// Cancel-safe: dropped before it was ready, it has done nothing.
    pub(crate) async fn when_ready<T>(
        &self,
        side: Side,
        mut op: impl FnMut(&S) -> io::Result<T>,
    ) -> io::Result<T> {
        let waiter = self.waiter(side);
        poll_fn(|cx| self.poll_waiting(cx, &waiter, side, &mut op)).await
    }

    /// A place among those who wait for a side, for [`poll_waiting`](Self::poll_waiting).
    pub(crate) fn waiter(&self, side: Side) -> Waiter<'_> {
        Waiter::new(self.readiness.side(side))
    }

    /// One step of [`when_ready`](Self::when_ready), for who keeps a waiter of that side.
    pub(crate) fn poll_waiting<T>(
        &self,
        cx: &mut Context<'_>,
        waiter: &Waiter<'_>,
        side: Side,
        op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.poll_op(cx, side, |waker| waiter.arm(waker), op)
    }

    /// As [`when_ready`](Self::when_ready), for traits that are polled and have no future to keep a waiter in. The place to
    /// wait is the side's own, so of those who poll it the last is woken.
    pub(crate) fn poll_ready<T>(
        &self,
        cx: &mut Context<'_>,
        side: Side,
        op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.poll_ready_for(cx, side, side, op)
    }

    /// As [`poll_ready`](Self::poll_ready), for the half of a stream that polls: of each half, the last is woken.
    pub(crate) fn poll_ready_for<T>(
        &self,
        cx: &mut Context<'_>,
        half: Side,
        side: Side,
        op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let direction = self.readiness.side(side);
        let polled = self.poll_op(cx, side, |waker| direction.arm_polled(half, waker), op);
        if polled.is_ready() {
            direction.disarm_polled(half);
        }
        polled
    }

    /// This half of a stream polls no more, for whatever it did.
    #[cfg(feature = "tls")]
    pub(crate) fn disarm(&self, half: Side) {
        self.readiness.side(Side::Read).disarm_polled(half);
        self.readiness.side(Side::Write).disarm_polled(half);
    }

    /// Those who wait for a side should look.
    #[cfg(feature = "tls")]
    pub(crate) fn fire(&self, side: Side) {
        self.readiness.side(side).fire();
    }

    fn poll_op<T>(
        &self,
        cx: &mut Context<'_>,
        side: Side,
        arm: impl FnOnce(&Waker),
        mut op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let direction = self.readiness.side(side);
        if direction.is_streak_over() {
            direction.end_streak();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.readiness.is_ready(side) {
            match self.with(&mut op) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => direction.block(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Still ready: after an error, too, the next operation must try again, since no edge announces
                // what is left.
                result => {
                    direction.note_success();
                    return Poll::Ready(result);
                }
            }
        }
        direction.end_streak();
        if !self.driver.is_entered() {
            return Poll::Ready(Err(ReactorError::OtherLoop.into()));
        }
        arm(cx.waker());
        waits_on(WaitReason::Stream);
        Poll::Pending
    }

    /// Calls `f` with the source, at once.
    pub(crate) fn with<T>(&self, f: impl FnOnce(&S) -> io::Result<T>) -> io::Result<T> {
        match &*self.io.borrow() {
            Some(io) => f(io),
            None => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it was aborted on this side")),
        }
    }

    /// Whether a read with so little room is to be one [beyond](Self::read_beyond) it.
    pub(crate) fn reads_beyond(&self, room: usize) -> bool {
        // Where a short read says nothing, nothing is gained.
        room < BEYOND && self.readiness.short_reads_tell()
    }

    /// Reads more than there may be room for, with `read`, gives it to `fill`, which takes so many bytes as it says, and
    /// keeps the others for the next read. When all from before was [read](Self::read_rest).
    pub(crate) fn read_beyond(
        &self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
        fill: impl FnOnce(&[u8]) -> usize,
    ) -> io::Result<usize> {
        self.driver.scratch().with(|scratch| {
            let count = read(scratch)?;
            self.note_read(count, scratch.len());
            let taken = fill(&scratch[..count]);
            if taken < count {
                self.readiness.rest().keep(&scratch[taken..count]);
            }
            Ok(taken)
        })
    }

    /// Hands what earlier reads have left to `read`, which takes so many bytes as it says. None if there is nothing.
    pub(crate) fn read_rest(&self, read: impl FnOnce(&[u8]) -> usize) -> Option<usize> {
        let rest = self.readiness.rest();
        (!rest.is_empty()).then(|| rest.take(read))
    }

    /// A read of the source got so many bytes, and had room for so many.
    pub(crate) fn note_read(&self, count: usize, room: usize) {
        // None at all is the end, which stays.
        if (1..room).contains(&count) {
            self.readiness.note_short_read();
        }
    }

    /// Whether the system may have input that was not read.
    pub(crate) fn may_have_more(&self) -> bool {
        self.readiness.side(Side::Read).is_ready()
    }

    /// From now on operations of this side give the end or an error; those who wait should look.
    pub(crate) fn finish(&self, side: Side) {
        self.readiness.finish(side);
    }

    /// Closes the source, whoever else refers to it; their operations are errors from now on.
    pub(crate) fn close(&self) {
        let io = self.io.borrow_mut().take();
        if let Some(mut io) = io {
            self.driver.deregister(&mut io, self.token);
            drop(io);
            self.readiness.rest().clear();
            self.finish(Side::Read);
            self.finish(Side::Write);
        }
    }
}

impl<S: Source> Drop for Registered<S> {
    fn drop(&mut self) {
        self.close();
    }
}
