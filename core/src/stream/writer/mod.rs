//! asyncio's `StreamWriter`.

#[cfg(feature = "alloc")]
mod background;
mod fixed;
#[cfg(feature = "alloc")]
mod flight;
#[cfg(feature = "alloc")]
mod inner;

use core::fmt;

#[cfg(feature = "alloc")]
pub use background::Background;

/// Writes a byte stream through a buffer. asyncio's `StreamWriter`.
///
/// `B` says where the bytes are that were written and not yet sent:
///
/// - `Background`, with `alloc`: on the heap, as many as there are, and a task of the loop sends them. This is asyncio's
///   own way, and that of the writers which the platform for applications gives. `StreamWriter::background` makes one.
/// - a buffer of a fixed size, as `[u8; 256]`, `&mut [u8]` or `Box<[u8]>`: then `write` takes what fits, sends nothing,
///   and [`drain`](Self::drain) does the sending. [`new`](Self::new) makes one.
pub struct StreamWriter<W, B: WriteBuffer<W>> {
    state: B::State,
}

/// What may stand behind a [`StreamWriter`]: a slice of a fixed size, or with `alloc` `Background`.
pub trait WriteBuffer<W> {
    /// What the writer is made of.
    #[doc(hidden)]
    type State;
}

impl<W, B: WriteBuffer<W>> fmt::Debug for StreamWriter<W, B>
where
    B::State: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state.fmt(f)
    }
}
