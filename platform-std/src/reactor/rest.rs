//! Reads beyond a reader's buffer, so that one that is filled needs no second read to learn that there was no more.
//!
//! They are made into a scratch alone and copied from there: to copy a small message costs 10 ns, and to read into two
//! places by one call 200 more than into one.

use std::cell::{Cell, RefCell};

/// So many bytes are read at once for a buffer that has less room. Of a larger one it is seldom just full.
pub(super) const BEYOND: usize = 8 * 1024;

/// What reads of a loop go to beyond the readers' buffers.
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
pub(super) struct Rest {
    bytes: Cell<Box<[u8]>>,
    /// How many at the end of `bytes` were not read yet.
    left: Cell<u32>,
}

impl Rest {
    pub(super) fn is_empty(&self) -> bool {
        self.left.get() == 0
    }

    /// Keeps these, at most [`BEYOND`], when there are no others.
    pub(super) fn keep(&self, bytes: &[u8]) {
        debug_assert!(self.is_empty() && bytes.len() <= BEYOND);
        self.left.set(bytes.len() as u32);
        self.bytes.set(bytes.into());
    }

    /// Reads from it by `read`, which takes so many bytes from the start as it says.
    pub(super) fn take(&self, read: impl FnOnce(&[u8]) -> usize) -> usize {
        let bytes = self.bytes.take();
        let left = self.left.get() as usize;
        let count = read(&bytes[bytes.len() - left..]);
        self.left.set((left - count) as u32);
        if count < left {
            self.bytes.set(bytes);
        }
        count
    }

    pub(super) fn clear(&self) {
        self.left.set(0);
        self.bytes.take();
    }
}
