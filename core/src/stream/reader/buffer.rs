#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// Where a [`StreamReader`](super::StreamReader) keeps what it received: anything of fixed size that is a slice, as
/// `[u8; 1024]`, `&mut [u8]` or `Box<[u8]>`; or, with `alloc`, `Growing`.
pub trait ReadBuffer {
    /// All of its room.
    fn room(&self) -> &[u8];

    /// All of its room, to be written to.
    fn room_mut(&mut self) -> &mut [u8];

    /// Makes room for `total` bytes in all, if it can. Whether there is.
    fn make_room(&mut self, total: usize) -> bool;

    /// Whether it could make room for any number of bytes.
    fn grows(&self) -> bool {
        false
    }

    /// A read filled all of the room there was: more may be worth having.
    fn note_full(&mut self);

    /// How long a line may be, without its end, and whatever else is read up to a separator.
    fn limit(&self) -> usize;
}

impl<B: AsMut<[u8]> + AsRef<[u8]>> ReadBuffer for B {
    fn room(&self) -> &[u8] {
        self.as_ref()
    }

    fn room_mut(&mut self) -> &mut [u8] {
        self.as_mut()
    }

    fn make_room(&mut self, total: usize) -> bool {
        total <= self.as_ref().len()
    }

    fn note_full(&mut self) {}

    /// All that fits; the separator has to fit, too.
    fn limit(&self) -> usize {
        self.as_ref().len()
    }
}

/// So much room there is at first. Most connections never need more.
#[cfg(feature = "alloc")]
const FIRST: usize = 4 * 1024;

/// A buffer on the heap that grows as it is needed: made by
/// [`StreamReader::with_limit`](super::StreamReader::with_limit).
///
/// It begins with 4 KiB, doubles while it is filled at once, up to twice the limit, and grows beyond that only for a
/// [`readexactly`](super::StreamReader::readexactly) of more, or when it is fed.
#[cfg(feature = "alloc")]
pub struct Growing {
    bytes: Vec<u8>,
    limit: usize,
    /// A read filled the room.
    full: bool,
}

#[cfg(feature = "alloc")]
impl Growing {
    pub(super) fn new(limit: usize) -> Self {
        assert!(limit > 0, "the limit of a stream reader is at least one byte");
        Self { bytes: Vec::new(), limit, full: false }
    }
}

#[cfg(feature = "alloc")]
impl ReadBuffer for Growing {
    fn room(&self) -> &[u8] {
        &self.bytes
    }

    fn room_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    fn make_room(&mut self, total: usize) -> bool {
        let most = self.limit.saturating_mul(2);
        let mut target = FIRST.min(most);
        if core::mem::take(&mut self.full) {
            target = most.min(self.bytes.len().saturating_mul(2));
        }
        if total > self.bytes.len() {
            target = target.max(total).max(self.bytes.len().saturating_mul(2));
        }
        if target > self.bytes.len() {
            self.bytes.resize(target, 0);
        }
        true
    }

    fn grows(&self) -> bool {
        true
    }

    fn note_full(&mut self) {
        self.full = true;
    }

    fn limit(&self) -> usize {
        self.limit
    }
}

#[cfg(feature = "alloc")]
impl core::fmt::Debug for Growing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Growing").field("room", &self.bytes.len()).field("limit", &self.limit).finish()
    }
}
