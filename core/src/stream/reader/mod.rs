//! asyncio's `StreamReader`.

mod buffer;
mod lines;
mod read;
mod search;
#[cfg(feature = "alloc")]
mod to_end;

use core::fmt;

use embedded_io_async::{BufRead, ErrorType, Read};

use super::error::WriteError;

#[cfg(feature = "alloc")]
pub use buffer::Growing;
pub use buffer::ReadBuffer;

/// Reads a byte stream through a buffer. asyncio's `StreamReader`.
///
/// `B` is the buffer: of a fixed size, as `[u8; 1024]` or `&mut [u8]`, whose length is then the limit of a line with
/// its end; or, with `alloc`, `Growing`, which [`with_limit`](Self::with_limit) makes. Results are lent out of it
/// and are gone with the next read.
///
/// No read loses bytes when it is cancelled: what was received stays in the buffer. What becomes of it when a read fails
/// is said at each, and is as in asyncio.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::StreamReader;
///
/// # LOOP.run(&VirtualTime::new(), &[], async {
/// // A slice can be read from, as a socket or a serial port can.
/// let mut reader = StreamReader::new(&b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n{}"[..], [0; 64]);
/// assert_eq!(reader.readline().await, Ok(&b"GET / HTTP/1.0\r\n"[..]));
/// assert_eq!(reader.readuntil(b"\r\n\r\n").await, Ok(&b"Host: example.org\r\n\r\n"[..]));
/// let mut body = [0; 2];
/// reader.readexactly(&mut body).await.unwrap();
/// assert_eq!(&body, b"{}");
/// # }).unwrap();
/// ```
///
/// # Differs from asyncio
/// It asks its source for bytes when a read needs them, and has no task or callback that reads ahead. A read borrows the
/// reader, so that no two can wait at once, and that it can't be fed while one waits.
pub struct StreamReader<R: ErrorType, B> {
    source: R,
    buffer: B,
    /// The bytes received and not yet consumed are `start..end`.
    start: usize,
    end: usize,
    /// So many bytes before `start` are what a read had got when the stream ended too early.
    partial: usize,
    eof: bool,
    exception: Option<fn() -> R::Error>,
}

impl<R: Read, B: ReadBuffer> StreamReader<R, B> {
    /// A reader of `source` that keeps what it received in `buffer`.
    ///
    /// # Panics
    /// If the buffer is one of a fixed size and has none.
    pub fn new(source: R, buffer: B) -> Self {
        assert!(buffer.limit() > 0, "a stream reader needs a buffer of at least one byte");
        Self { source, buffer, start: 0, end: 0, partial: 0, eof: false, exception: None }
    }

    /// The bytes that were received and not yet consumed.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer.room()[self.start..self.end]
    }

    /// Drops the first `count` bytes of [`buffer`](Self::buffer), or all if there are fewer.
    pub fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start.saturating_add(count));
        self.partial = 0;
    }

    /// Whether the stream has ended and all of it was consumed.
    pub fn at_eof(&self) -> bool {
        self.eof && self.start == self.end
    }

    /// What a read had got that has failed with [`IncompleteReadError`](crate::IncompleteReadError), until the next one.
    /// asyncio's `IncompleteReadError.partial`.
    pub fn partial(&self) -> &[u8] {
        &self.buffer.room()[self.start - self.partial..self.start]
    }

    /// Adds `data` behind what was received, as if it had come from the source.
    ///
    /// # Errors
    /// The stream has ended; or it does not all fit into a buffer of a fixed size, and what fits was taken.
    pub fn feed_data(&mut self, data: &[u8]) -> Result<(), WriteError> {
        if self.eof {
            return Err(WriteError::AfterEof);
        }
        let total = self.end - self.start + data.len();
        if self.end + data.len() > self.buffer.room().len() {
            self.move_to_front();
            self.buffer.make_room(total);
        }
        let written = data.len().min(self.buffer.room().len() - self.end);
        self.buffer.room_mut()[self.end..self.end + written].copy_from_slice(&data[..written]);
        self.end += written;
        if written < data.len() { Err(WriteError::Full { written }) } else { Ok(()) }
    }

    /// Ends the stream behind what was received. The source is not asked any more.
    pub fn feed_eof(&mut self) {
        self.eof = true;
    }

    /// From now on every read fails with what `error` gives. What is in the buffer stays there.
    ///
    /// # Differs from asyncio
    /// It takes what makes the error, since each read gets one and most errors can't be copied.
    pub fn set_exception(&mut self, error: fn() -> R::Error) {
        self.exception = Some(error);
    }

    /// What [`set_exception`](Self::set_exception) has reads fail with.
    pub fn exception(&self) -> Option<R::Error> {
        self.exception.map(|error| error())
    }

    fn check(&self) -> Result<(), R::Error> {
        self.exception().map_or(Ok(()), Err)
    }

    fn move_to_front(&mut self) {
        if self.start > 0 {
            self.buffer.room_mut().copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.partial = 0;
    }

    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    fn len(&self) -> usize {
        self.end - self.start
    }

    /// Receives more into the buffer, which has room or can get it. At the end of the stream, notes it.
    async fn fill(&mut self) -> Result<(), R::Error> {
        if self.is_empty() || self.end == self.buffer.room().len() {
            self.move_to_front();
        }
        self.buffer.make_room(self.end + 1);
        let room = &mut self.buffer.room_mut()[self.end..];
        let count = self.source.read(room).await?;
        let filled = count == room.len();
        if count == 0 {
            self.eof = true;
        } else if filled {
            self.buffer.note_full();
        }
        self.end += count;
        Ok(())
    }

    /// The source, for instance to ask a socket for its peer. What is read from it directly bypasses the buffer.
    pub fn get_ref(&self) -> &R {
        &self.source
    }

    /// The source, and how many bytes were received from it and not consumed: those are dropped.
    pub fn into_inner(self) -> (R, usize) {
        (self.source, self.end - self.start)
    }
}

#[cfg(feature = "alloc")]
impl<R: Read> StreamReader<R, Growing> {
    /// A reader of `source` with a buffer that grows. No line, and nothing else that is read up to a separator, may be
    /// longer than `limit`, its end not counted.
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn with_limit(source: R, limit: usize) -> Self {
        Self::new(source, Growing::new(limit))
    }
}

impl<R: Read, B> ErrorType for StreamReader<R, B> {
    type Error = R::Error;
}

impl<R: Read, B: ReadBuffer> Read for StreamReader<R, B> {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, R::Error> {
        StreamReader::read(self, target).await
    }
}

impl<R: Read, B: ReadBuffer> BufRead for StreamReader<R, B> {
    async fn fill_buf(&mut self) -> Result<&[u8], R::Error> {
        self.check()?;
        if self.is_empty() && !self.eof {
            self.fill().await?;
        }
        Ok(self.buffer())
    }

    fn consume(&mut self, count: usize) {
        StreamReader::consume(self, count);
    }
}

impl<R: ErrorType + fmt::Debug, B> fmt::Debug for StreamReader<R, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader")
            .field("source", &self.source)
            .field("buffered", &(self.end - self.start))
            .field("eof", &self.eof)
            .field("exception", &self.exception.map(|error| error()))
            .finish_non_exhaustive()
    }
}
