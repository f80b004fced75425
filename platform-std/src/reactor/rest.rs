//! Reads beyond a reader's buffer, so that one that is filled needs no second read to learn that there was no more.
//!
//! They are made into a scratch alone and copied from there: to copy a small message costs 10 ns, and to read into two
//! places by one call 200 more than into one.

use std::cell::{Cell, RefCell};

/// So many bytes are read at once for a buffer that has less room. Of a larger one it is seldom just full.
pub(super) const BEYOND: usize = 8 * 1024;

/// What reads of a loop go to that are made beyond the readers' buffers.
#[derive(Default)]
pub(super) struct Scratch(RefCell<Vec<u8>>);

impl Scratch {
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut [u8]) -> T) -> T {
        let mut bytes = self.0.borrow_mut();
        bytes.resize(BEYOND, 0);
        f(&mut bytes)
    }
}

/// Bytes of a source that were read and did not fit: the next read's. While there are none it holds no memory.
#[derive(Default)]
pub(super) struct Rest(Cell<Option<Box<Kept>>>);

struct Kept {
    bytes: Box<[u8]>,
    /// How many of them were read by now: not all.
    start: usize,
}

impl Rest {
    pub(super) fn is_empty(&self) -> bool {
        let kept = self.0.take();
        let is_empty = kept.is_none();
        self.0.set(kept);
        is_empty
    }

    /// Keeps these, when there are no others.
    pub(super) fn keep(&self, bytes: &[u8]) {
        self.0.set(Some(Box::new(Kept { bytes: bytes.into(), start: 0 })));
    }

    /// Reads from it by `read`, which takes so many bytes from the start as it says. None if there is nothing.
    pub(super) fn take(&self, read: impl FnOnce(&[u8]) -> usize) -> Option<usize> {
        let mut kept = self.0.take()?;
        let count = read(&kept.bytes[kept.start..]);
        kept.start += count;
        if kept.start < kept.bytes.len() {
            self.0.set(Some(kept));
        }
        Some(count)
    }

    pub(super) fn clear(&self) {
        drop(self.0.take());
    }
}
