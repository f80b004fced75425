use std::cell::Cell;
use std::task::Waker;

use everloop_core::platform;

use super::events::Signs;
use super::rest::Rest;
use super::waiters::{Key, Waiters};

/// So many operations in a row succeed at once; before the next one the task lets the others have their turn.
/// Otherwise a peer that is fast enough would keep a task busy for ever, and all others waiting.
const STREAK: u8 = 64;

/// Which way an operation moves bytes, and so what it waits for.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Read,
    Write,
}

/// What is known of a source, and who waits for it. There is one for each connection, so it is kept small.
pub(super) struct Readiness {
    waiters: Waiters,
    rest: Rest,
    marks: [Marks; 2],
    /// Whether a short read means that the kernel has no more.
    short_reads_tell: Cell<bool>,
}

/// What is known of a side.
///
/// Events come only on edges, so `ready` is true until an operation has found that it is not; and the event that
/// makes it true again wakes everyone who waits.
struct Marks {
    ready: Cell<bool>,
    /// At its end, which it never leaves: always ready, if only to give the end or the error.
    finished: Cell<bool>,
    streak: Cell<u8>,
}

impl Marks {
    /// It is not known whether it is ready before it was tried.
    const fn new() -> Self {
        Self { ready: Cell::new(true), finished: Cell::new(false), streak: Cell::new(0) }
    }
}

impl Readiness {
    /// Of a source that was not tried yet.
    pub(super) fn new() -> Self {
        Self {
            waiters: Waiters::default(),
            rest: Rest::default(),
            marks: [const { Marks::new() }; 2],
            // Elsewhere than on Linux it is not promised, or (on Windows) a new event comes only after an operation
            // that would have blocked.
            short_reads_tell: Cell::new(cfg!(any(target_os = "linux", target_os = "android"))),
        }
    }

    /// Makes it one of a source that was not tried yet.
    pub(super) fn reset(&self) {
        let new = Self::new();
        self.rest.clear();
        self.short_reads_tell.swap(&new.short_reads_tell);
        for (marks, new) in self.marks.iter().zip(&new.marks) {
            marks.ready.swap(&new.ready);
            marks.finished.swap(&new.finished);
            marks.streak.swap(&new.streak);
        }
        // Last, since foreign code runs as the wakers go.
        self.waiters.clear();
    }

    fn marks(&self, side: Side) -> &Marks {
        &self.marks[side as usize]
    }

    /// Takes in what the kernel says, and wakes those who waited for it.
    pub(super) fn note(&self, signs: Signs) {
        if signs.urgent {
            // A read stops at the urgent byte, with more behind it.
            self.short_reads_tell.set(false);
        }
        // What an error or a hang-up means is told by the next operation.
        if signs.read_finished {
            // The end stays readable, and no further event would say so.
            self.finish(Side::Read);
        } else if signs.readable {
            self.fire(Side::Read);
        }
        if signs.writable {
            self.fire(Side::Write);
        }
    }

    /// What was read and did not fit.
    pub(super) fn rest(&self) -> &Rest {
        &self.rest
    }

    /// Whether an operation could succeed now, as far as is known.
    pub(super) fn is_ready(&self, side: Side) -> bool {
        self.marks(side).ready.get() || (matches!(side, Side::Read) && !self.rest.is_empty())
    }

    /// An operation would have blocked, whatever was known: only an event can help.
    pub(super) fn block(&self, side: Side) {
        self.marks(side).ready.set(false);
    }

    /// It may be ready now.
    pub(super) fn fire(&self, side: Side) {
        self.marks(side).ready.set(true);
        let mut from = 0;
        // One at a time, since the wake may drop a future that waits here.
        while let Some(waker) = self.waiters.take_from(side, &mut from) {
            platform::wake(waker);
        }
    }

    /// It is at its end; or the source was closed or shut down under those who wait, who should look.
    pub(super) fn finish(&self, side: Side) {
        self.marks(side).finished.set(true);
        self.fire(side);
    }

    /// Whether a read that gets less than it has room for has got all: see [`note_short_read`](Self::note_short_read).
    pub(super) fn short_reads_tell(&self) -> bool {
        self.short_reads_tell.get()
    }

    /// A read got less than it had room for: the kernel has no more, and will say when it has. This saves the
    /// read that would only find that out.
    ///
    /// What comes between the read and this is not missed, since it is an edge of its own.
    pub(super) fn note_short_read(&self) {
        if self.short_reads_tell() && !self.marks(Side::Read).finished.get() {
            self.block(Side::Read);
        }
    }

    /// Whether it is time to let other tasks run.
    pub(super) fn is_streak_over(&self, side: Side) -> bool {
        self.marks(side).streak.get() >= STREAK
    }

    pub(super) fn note_success(&self, side: Side) {
        let streak = &self.marks(side).streak;
        streak.set(streak.get().saturating_add(1));
    }

    /// It is that time, however few operations the streak has.
    #[cfg(unix)]
    pub(super) fn end_turn(&self, side: Side) {
        self.marks(side).streak.set(STREAK);
    }

    pub(super) fn end_streak(&self, side: Side) {
        self.marks(side).streak.set(0);
    }

    /// Has `waker` woken when the side may be ready, at the place of this key, which gets one if it has none.
    pub(super) fn arm(&self, side: Side, key: &Key, waker: &Waker) {
        if !self.waiters.will_wake(side, key, waker) {
            // A clone is foreign code, as is the drop of the waker before.
            let new = waker.clone();
            drop(self.waiters.put(side, key, new));
        }
    }

    /// Gives up the place of this key.
    pub(super) fn leave(&self, side: Side, key: &Key) {
        drop(self.waiters.remove(side, key));
    }

    /// Has `waker` woken when the side may be ready, in place of the one that the same half gave here before.
    pub(super) fn arm_polled(&self, side: Side, half: Side, waker: &Waker) {
        if !self.waiters.will_wake_polled(side, half, waker) {
            let new = waker.clone();
            drop(self.waiters.put_polled(side, half, new));
        }
    }

    /// What this half polled for has come.
    pub(super) fn disarm_polled(&self, side: Side, half: Side) {
        drop(self.waiters.remove_polled(side, half));
    }
}
