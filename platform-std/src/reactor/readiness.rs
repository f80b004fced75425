use std::cell::Cell;

use super::direction::Direction;
use super::events::Signs;
use super::rest::Rest;

/// Which way an operation moves bytes, and so what it waits for.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Read,
    Write,
}

/// What is known of a source, and who waits for it.
pub(crate) struct Readiness {
    read: Direction,
    write: Direction,
    rest: Rest,
    /// Whether a short read means that the kernel has no more.
    short_reads_tell: Cell<bool>,
}

impl Readiness {
    /// Of a source that was not tried yet.
    pub(super) fn new() -> Self {
        // Elsewhere than on Linux it is not promised, or (on Windows) a new event comes only after an operation
        // that would have blocked.
        let short_reads_tell = cfg!(any(target_os = "linux", target_os = "android"));
        Self {
            read: Direction::new(),
            write: Direction::new(),
            rest: Rest::default(),
            short_reads_tell: Cell::new(short_reads_tell),
        }
    }

    pub(super) fn side(&self, side: Side) -> &Direction {
        match side {
            Side::Read => &self.read,
            Side::Write => &self.write,
        }
    }

    /// What was read and did not fit.
    pub(super) fn rest(&self) -> &Rest {
        &self.rest
    }

    /// Whether an operation could succeed now, as far as is known.
    pub(super) fn is_ready(&self, side: Side) -> bool {
        match side {
            Side::Read => self.read.is_ready() || !self.rest.is_empty(),
            Side::Write => self.write.is_ready(),
        }
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
            self.read.finish();
        } else if signs.readable {
            self.read.fire();
        }
        if signs.writable {
            self.write.fire();
        }
    }

    /// The source was closed or shut down under those who wait: they should look.
    pub(super) fn finish(&self, side: Side) {
        self.side(side).finish();
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
        if self.short_reads_tell() {
            self.read.exhaust();
        }
    }
}
