use core::fmt;

use embedded_io_async::Write;

use super::{StreamWriter, WriteBuffer};
use crate::net::ConnectionWriter;
use crate::stream::error::WriteError;

/// A writer with a buffer of a fixed size.
pub struct Fixed<W, B> {
    sink: W,
    buffer: B,
    /// The bytes written and not yet sent are `start..end`.
    start: usize,
    end: usize,
    eof: bool,
    closing: bool,
}

impl<W, B: AsMut<[u8]> + AsRef<[u8]>> WriteBuffer<W> for B {
    type State = Fixed<W, B>;
}

impl<W, B> Fixed<W, B> {
    fn check(&self) -> Result<(), WriteError> {
        match self {
            Self { closing: true, .. } => Err(WriteError::Closed),
            Self { eof: true, .. } => Err(WriteError::AfterEof),
            _ => Ok(()),
        }
    }
}

/// With a buffer of a fixed size. What is in it when the writer is dropped is lost.
///
/// # Differs from asyncio
/// Nothing is sent in the background: `drain` sends all, and not just what is above a high-water mark, `write_eof` is
/// awaited, and after `close` it is `wait_closed` that sends the rest. A buffer can be full.
impl<W: Write, B: AsMut<[u8]> + AsRef<[u8]>> StreamWriter<W, B> {
    /// A writer to `sink` that collects what is written in `buffer`.
    ///
    /// # Panics
    /// If the buffer is empty.
    pub fn new(sink: W, buffer: B) -> Self {
        assert!(!buffer.as_ref().is_empty(), "a stream writer needs a buffer of at least one byte");
        Self { state: Fixed { sink, buffer, start: 0, end: 0, eof: false, closing: false } }
    }

    /// Adds `data` to the buffer.
    ///
    /// # Errors
    /// It does not all fit, and what fits was taken; or the end of the stream was written.
    pub fn write(&mut self, data: &[u8]) -> Result<(), WriteError> {
        let this = &mut self.state;
        this.check()?;
        let capacity = this.buffer.as_ref().len();
        if this.end + data.len() > capacity && this.start > 0 {
            this.buffer.as_mut().copy_within(this.start..this.end, 0);
            this.end -= this.start;
            this.start = 0;
        }
        let written = data.len().min(capacity - this.end);
        this.buffer.as_mut()[this.end..this.end + written].copy_from_slice(&data[..written]);
        this.end += written;
        if written < data.len() { Err(WriteError::Full { written }) } else { Ok(()) }
    }

    /// Adds all of `lines` to the buffer, one after the other.
    ///
    /// # Errors
    /// As [`write`](Self::write); how many bytes were taken is counted over all of them.
    pub fn writelines(&mut self, lines: &[impl AsRef<[u8]>]) -> Result<(), WriteError> {
        self.state.check()?;
        let mut before = 0;
        for line in lines.iter().map(AsRef::as_ref) {
            match self.write(line) {
                Err(WriteError::Full { written }) => {
                    return Err(WriteError::Full { written: before + written });
                }
                result => result?,
            }
            before += line.len();
        }
        Ok(())
    }

    /// How many bytes were written and not yet sent.
    pub fn pending(&self) -> usize {
        self.state.end - self.state.start
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
        let this = &mut self.state;
        while this.start < this.end {
            let count = this.sink.write(&this.buffer.as_ref()[this.start..this.end]).await?;
            assert!(count > 0, "the sink's `write` took nothing and gave no error");
            this.start += count;
        }
        (this.start, this.end) = (0, 0);
        Ok(())
    }

    /// Whether [`close`](Self::close) or [`abort`](Self::abort) was called.
    pub fn is_closing(&self) -> bool {
        self.state.closing
    }

    /// The sink, for instance to ask a socket for its peer.
    pub fn get_ref(&self) -> &W {
        &self.state.sink
    }

    /// The sink. What is in the buffer is dropped.
    pub fn into_inner(self) -> W {
        self.state.sink
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
        self.state.eof = true;
        self.drain().await?;
        self.state.sink.write_eof().await
    }

    /// From now on nothing can be written; [`wait_closed`](Self::wait_closed) sends what is in the buffer.
    pub fn close(&mut self) {
        self.state.closing = true;
    }

    /// Sends what is in the buffer and closes the connection, after [`close`](Self::close).
    ///
    /// # Errors
    /// As the sink.
    ///
    /// # Panics
    /// If `close` was not called, since nobody else could, and this would wait for ever.
    ///
    /// # Cancel safety
    /// May be called again after being dropped.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the sink.
    pub async fn wait_closed(&mut self) -> Result<(), W::Error> {
        assert!(self.state.closing, "call `close` before `wait_closed`");
        self.drain().await?;
        self.state.sink.close().await
    }

    /// Resets the connection. What was not sent is lost.
    pub fn abort(&mut self) {
        self.state.closing = true;
        (self.state.start, self.state.end) = (0, 0);
        self.state.sink.abort();
    }
}

/// As [`write`](StreamWriter::write): an error if it does not all fit, and what fits was taken.
impl<W: Write, B: AsMut<[u8]> + AsRef<[u8]>> fmt::Write for StreamWriter<W, B> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes()).map_err(|_full| fmt::Error)
    }
}

impl<W: fmt::Debug, B> fmt::Debug for Fixed<W, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamWriter")
            .field("sink", &self.sink)
            .field("pending", &(self.end - self.start))
            .field("eof", &self.eof)
            .field("closing", &self.closing)
            .finish_non_exhaustive()
    }
}
