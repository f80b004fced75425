//! The tokens of a network chip that has its own memory, and one buffer each way for a frame.

/// A received frame; it is received again if the token is dropped.
pub struct RxToken<'a> {
    frame: &'a mut [u8],
    len: &'a mut usize,
}

impl<'a> RxToken<'a> {
    /// The frame of this length at the start of a buffer; the length becomes 0 as it is taken.
    pub fn new(frame: &'a mut [u8], len: &'a mut usize) -> Self {
        Self { frame, len }
    }
}

impl embassy_net_driver::RxToken for RxToken<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        let len = core::mem::take(self.len);
        f(&mut self.frame[..len])
    }
}

/// Room for a frame to send.
pub struct TxToken<'a> {
    buffer: &'a mut [u8],
    send: fn(&[u8]),
}

impl<'a> TxToken<'a> {
    /// A buffer, and how what was written to its start is sent.
    pub fn new(buffer: &'a mut [u8], send: fn(&[u8])) -> Self {
        Self { buffer, send }
    }
}

impl embassy_net_driver::TxToken for TxToken<'_> {
    /// # Panics
    ///
    /// If the frame is to be longer than the buffer.
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        assert!(len <= self.buffer.len(), "a frame of {len} bytes is more than this network carries");
        let frame = &mut self.buffer[..len];
        let result = f(frame);
        (self.send)(frame);
        result
    }
}
