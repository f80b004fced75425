use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use everloop_core::{WaitReason, waits_on};
use mio::Interest;
use mio::event::Source;

use super::driver::Driver;
use super::error::ReactorError;
use super::readiness::{Readiness, Side};
use super::rest::BEYOND;
use super::sources::Place;
use super::waiters::Key;

/// A source of input that is registered with a reactor until it is closed or dropped.
pub(crate) struct Registered<S: Source> {
    /// With the source; None once it was closed, and while it is [lent](Lent).
    place: Place<Cell<Option<S>>>,
    driver: Rc<Driver>,
}

/// The source, taken out for a call that runs no foreign code.
struct Lent<'a, S> {
    from: &'a Cell<Option<S>>,
    io: Option<S>,
}

impl<S> Drop for Lent<'_, S> {
    fn drop(&mut self) {
        self.from.set(self.io.take());
    }
}

impl<S: Source> Registered<S> {
    /// Registers a source that does not block.
    pub(crate) fn new(driver: Rc<Driver>, mut io: S, interest: Interest) -> io::Result<Self> {
        let place = driver.register(&mut io, interest)?;
        Ok(Self { place: place.of(Cell::new(Some(io))), driver })
    }

    /// The reactor it is registered with.
    pub(crate) fn driver(&self) -> &Rc<Driver> {
        &self.driver
    }

    fn readiness(&self) -> &Readiness {
        self.place.readiness()
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
        poll_fn(|cx| self.poll_waiting(cx, &waiter, &mut op)).await
    }

    /// A place among those who wait for a side, for [`poll_waiting`](Self::poll_waiting).
    pub(crate) fn waiter(&self, side: Side) -> Waiter<'_> {
        Waiter { readiness: self.readiness(), side, key: Key::default() }
    }

    /// One step of [`when_ready`](Self::when_ready), for who keeps a waiter of that side.
    pub(crate) fn poll_waiting<T>(
        &self,
        cx: &mut Context<'_>,
        waiter: &Waiter<'_>,
        op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.poll_at(cx, waiter.side, &waiter.key, op)
    }

    /// The same, for who keeps a key, and [leaves](Self::leave) in the end.
    pub(crate) fn poll_at<T>(
        &self,
        cx: &mut Context<'_>,
        side: Side,
        key: &Key,
        op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.poll_op(cx, side, |waker| self.readiness().arm(side, key, waker), op)
    }

    /// Gives up the place to wait that the key has, if it has one.
    pub(crate) fn leave(&self, side: Side, key: &Key) {
        self.readiness().leave(side, key);
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
        let readiness = self.readiness();
        let polled = self.poll_op(cx, side, |waker| readiness.arm_polled(side, half, waker), op);
        if polled.is_ready() {
            readiness.disarm_polled(side, half);
        }
        polled
    }

    /// This half of a stream polls no more, for whatever it did.
    #[cfg(feature = "tls")]
    pub(crate) fn disarm(&self, half: Side) {
        self.readiness().disarm_polled(Side::Read, half);
        self.readiness().disarm_polled(Side::Write, half);
    }

    /// Those who wait for a side should look.
    #[cfg(feature = "tls")]
    pub(crate) fn fire(&self, side: Side) {
        self.readiness().fire(side);
    }

    fn poll_op<T>(
        &self,
        cx: &mut Context<'_>,
        side: Side,
        arm: impl FnOnce(&Waker),
        mut op: impl FnMut(&S) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let readiness = self.readiness();
        if readiness.is_streak_over(side) {
            readiness.end_streak(side);
            if !self.driver.wake_after_look(cx.waker()) {
                cx.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
        while readiness.is_ready(side) {
            match self.with(&mut op) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => readiness.block(side),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Still ready: after an error, too, the next operation must try again, since no edge announces
                // what is left.
                result => {
                    readiness.note_success(side);
                    return Poll::Ready(result);
                }
            }
        }
        readiness.end_streak(side);
        if !self.driver.is_entered() {
            return Poll::Ready(Err(ReactorError::OtherLoop.into()));
        }
        arm(cx.waker());
        waits_on(WaitReason::Stream);
        Poll::Pending
    }

    /// Calls `f` with the source, at once.
    pub(crate) fn with<T>(&self, f: impl FnOnce(&S) -> io::Result<T>) -> io::Result<T> {
        let lent = Lent { from: &self.place.source, io: self.place.source.take() };
        match &lent.io {
            Some(io) => f(io),
            None => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it was aborted on this side")),
        }
    }

    /// Whether a read with so little room is to be one [beyond](Self::read_beyond) it.
    pub(crate) fn reads_beyond(&self, room: usize) -> bool {
        // Where a short read says nothing, nothing is gained.
        room < BEYOND && self.readiness().short_reads_tell()
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
            let taken = fill(&scratch[..count]);
            if taken < count {
                self.readiness().rest().keep(&scratch[taken..count]);
            }
            Ok(taken)
        })
    }

    /// Hands what earlier reads have left to `read`, which takes so many bytes as it says. None if there is nothing.
    pub(crate) fn read_rest(&self, read: impl FnOnce(&[u8]) -> usize) -> Option<usize> {
        self.readiness().rest().take(read)
    }

    /// See [`Readiness::note_short_read`].
    pub(crate) fn note_short_read(&self) {
        self.readiness().note_short_read();
    }

    /// Before the next operation of this side others have their turn, and input is looked at.
    #[cfg(unix)]
    pub(crate) fn end_turn(&self, side: Side) {
        self.readiness().end_turn(side);
    }

    /// From now on operations of this side give the end or an error; those who wait should look.
    pub(crate) fn finish(&self, side: Side) {
        self.readiness().finish(side);
    }

    /// Closes the source, whoever else refers to it; their operations are errors from now on.
    pub(crate) fn close(&self) {
        if let Some(mut io) = self.place.source.take() {
            self.driver.deregister(&mut io, &self.place);
            drop(io);
            self.readiness().rest().clear();
            self.finish(Side::Read);
            self.finish(Side::Write);
        }
    }
}

impl<S: Source> Drop for Registered<S> {
    fn drop(&mut self) {
        self.close();
        self.driver.give_back(&self.place);
    }
}

/// A place among those who wait for a side, given up when it is dropped.
pub(crate) struct Waiter<'a> {
    readiness: &'a Readiness,
    side: Side,
    key: Key,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.readiness.leave(self.side, &self.key);
    }
}
