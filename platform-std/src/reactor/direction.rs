use std::cell::Cell;
use std::task::Waker;

use super::readiness::Side;
use super::waiters::{Key, Waiters};

/// So many operations in a row succeed at once; before the next one the task lets the others have their turn.
/// Otherwise a peer that is fast enough would keep a task busy for ever, and all others waiting.
const STREAK: u8 = 64;

/// One direction of a source: whether it may be ready, and who waits for that.
///
/// Events come only on edges, so `ready` is true until an operation has found that it is not; and the event that
/// makes it true again wakes everyone who waits.
pub(super) struct Direction {
    ready: Cell<bool>,
    /// At its end, which it never leaves: always ready, if only to give the end or the error.
    finished: Cell<bool>,
    streak: Cell<u8>,
    waiters: Waiters,
    /// The places of those who poll without a future that could keep one: one for each half of a stream, since where a
    /// protocol lies between, reading may have to write.
    polled: [Key; 2],
}

impl Direction {
    pub(super) fn new() -> Self {
        Self {
            // Not known before it was tried.
            ready: Cell::new(true),
            finished: Cell::new(false),
            streak: Cell::new(0),
            waiters: Waiters::default(),
            polled: Default::default(),
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready.get()
    }

    /// An operation found nothing to do.
    pub(super) fn exhaust(&self) {
        if !self.finished.get() {
            self.ready.set(false);
        }
    }

    /// An operation would have blocked, whatever was known: only an event can help.
    pub(super) fn block(&self) {
        self.ready.set(false);
    }

    /// It may be ready now.
    pub(super) fn fire(&self) {
        self.ready.set(true);
        let mut from = 0;
        loop {
            // One at a time, since the wake may drop a future that waits here.
            match self.waiters.take_from(&mut from) {
                Some(waker) => waker.wake(),
                None => break,
            }
        }
    }

    /// It is at its end.
    pub(super) fn finish(&self) {
        self.finished.set(true);
        self.fire();
    }

    /// Whether it is time to let other tasks run.
    pub(super) fn is_streak_over(&self) -> bool {
        self.streak.get() >= STREAK
    }

    pub(super) fn note_success(&self) {
        self.streak.set(self.streak.get().saturating_add(1));
    }

    pub(super) fn end_streak(&self) {
        self.streak.set(0);
    }

    /// Has `waker` woken when it may be ready, in place of the one that the same half gave here before.
    pub(super) fn arm_polled(&self, half: Side, waker: &Waker) {
        self.arm(&self.polled[half as usize], waker);
    }

    /// What this half polled for has come.
    pub(super) fn disarm_polled(&self, half: Side) {
        self.leave(&self.polled[half as usize]);
    }

    /// Has `waker` woken when it may be ready, at the place of this key, which gets one if it has none.
    fn arm(&self, key: &Key, waker: &Waker) {
        if self.waiters.will_wake(key, waker) {
            return;
        }
        // A clone is foreign code, as is the drop of the waker before.
        let new = waker.clone();
        drop(self.waiters.put(key, new));
    }

    /// Gives up the place of this key.
    fn leave(&self, key: &Key) {
        drop(self.waiters.remove(key));
    }
}

/// A place among those who wait, given up when it is dropped.
pub(crate) struct Waiter<'a> {
    direction: &'a Direction,
    key: Key,
}

impl<'a> Waiter<'a> {
    pub(super) fn new(direction: &'a Direction) -> Self {
        Self { direction, key: Key::default() }
    }

    /// Has `waker` woken when the direction may be ready.
    pub(super) fn arm(&self, waker: &Waker) {
        self.direction.arm(&self.key, waker);
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.direction.leave(&self.key);
    }
}
