use core::fmt;

use embedded_io_async::Write;

use super::error::WriteError;
use crate::net::ConnectionWriter;

/// Writes a byte stream through a buffer. asyncio's `StreamWriter`.
///
/// [`write`](Self::write) only fills the buffer `B`, for instance `[u8; 256]`; it never waits and sends nothing.
/// [`drain`](Self::drain), [`write_eof`](Self::write_eof) and [`close`](Self::close) send it. What is in the buffer
/// when the writer is dropped is lost.
///
/// # Differs from asyncio
/// There is no flushing in the background, so `drain` sends all and not just what is above a high-water mark.
#[derive(Debug)]
pub struct StreamWriter<W, B> {
    sink: W,
    buffer: B,
    /// The bytes written and not yet sent are `start..end`.
    start: usize,
    end: usize,
    eof: bool,
}

impl<W: Write, B: AsMut<[u8]> + AsRef<[u8]>> StreamWriter<W, B> {
    /// A writer to `sink` that collects what is written in `buffer`.
    ///
    /// # Panics
    /// If the buffer is empty.
    pub fn new(sink: W, buffer: B) -> Self {
        assert!(!buffer.as_ref().is_empty(), "a stream writer needs a buffer of at least one byte");
        Self { sink, buffer, start: 0, end: 0, eof: false }
    }

    /// Adds `data` to the buffer.
    ///
    /// # Errors
    /// It does not all fit, and what fits was taken; or the end of the stream was written.
    pub fn write(&mut self, data: &[u8]) -> Result<(), WriteError> {
        if self.eof {
            return Err(WriteError::AfterEof);
        }
        let capacity = self.buffer.as_ref().len();
        if self.end + data.len() > capacity && self.start > 0 {
            self.buffer.as_mut().copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let written = data.len().min(capacity - self.end);
        self.buffer.as_mut()[self.end..self.end + written].copy_from_slice(&data[..written]);
        self.end += written;
        if written < data.len() { Err(WriteError::Full { written }) } else { Ok(()) }
    }

    /// How many bytes were written and not yet sent.
    pub fn pending(&self) -> usize {
        self.end - self.start
    }

    /// Hands all that is in the buffer to the sink. What the sink itself holds back it sends as it does; a socket sends
    /// at once.
    ///
    /// # Errors
    /// As the sink; what it did not take stays in the buffer.
    ///
    /// # Panics
    /// If the sink takes no byte and gives no error, which [`Write`] forbids.
    ///
    /// # Cancel safety
    /// What was not sent stays in the buffer, if the sink's `write` is cancel-safe.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the sink.
    pub async fn drain(&mut self) -> Result<(), W::Error> {
        while self.start < self.end {
            let count = self.sink.write(&self.buffer.as_ref()[self.start..self.end]).await?;
            assert!(count > 0, "the sink's `write` took nothing and gave no error");
            self.start += count;
        }
        (self.start, self.end) = (0, 0);
        Ok(())
    }

    /// The sink, for instance to ask a socket for its peer.
    pub fn get_ref(&self) -> &W {
        &self.sink
    }

    /// The sink. What is in the buffer is dropped.
    pub fn into_inner(self) -> W {
        self.sink
    }
}

impl<W: ConnectionWriter, B: AsMut<[u8]> + AsRef<[u8]>> StreamWriter<W, B> {
    /// Sends what is in the buffer, then the end of the stream. Nothing can be written after it.
    ///
    /// # Errors
    /// As the sink.
    ///
    /// # Cancel safety
    /// May be called again after being dropped.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the sink.
    pub async fn write_eof(&mut self) -> Result<(), W::Error> {
        self.eof = true;
        self.drain().await?;
        self.sink.write_eof().await
    }

    /// Sends what is in the buffer and the end of the stream, and lets the connection go.
    ///
    /// # Errors
    /// As the sink.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it loses what was not sent.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the sink.
    pub async fn close(mut self) -> Result<(), W::Error> {
        self.write_eof().await
    }

    /// Resets the connection. What was not sent is lost.
    pub fn abort(&mut self) {
        (self.start, self.end) = (0, 0);
        self.sink.abort();
    }
}

/// As [`write`](StreamWriter::write): an error if it does not all fit, and what fits was taken.
impl<W: Write, B: AsMut<[u8]> + AsRef<[u8]>> fmt::Write for StreamWriter<W, B> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes()).map_err(|_full| fmt::Error)
    }
}
