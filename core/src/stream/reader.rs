use embedded_io_async::{BufRead, ErrorType, Read};

use super::error::{IncompleteReadError, LimitOverrunError, ReadError};

/// Reads a byte stream through a buffer. asyncio's `StreamReader`.
///
/// `B` is the buffer, for instance `[u8; 1024]` or `&mut [u8]`; its length is the limit of a line. Results are lent
/// out of it and are gone with the next read.
///
/// No read loses bytes when it is cancelled or fails: what was received stays in the buffer.
#[derive(Debug)]
pub struct StreamReader<R, B> {
    source: R,
    buffer: B,
    /// The bytes received and not yet consumed are `start..end`.
    start: usize,
    end: usize,
    eof: bool,
}

impl<R: Read, B: AsMut<[u8]> + AsRef<[u8]>> StreamReader<R, B> {
    /// A reader of `source` that keeps what it received in `buffer`.
    ///
    /// # Panics
    /// If the buffer is empty.
    pub fn new(source: R, buffer: B) -> Self {
        assert!(!buffer.as_ref().is_empty(), "a stream reader needs a buffer of at least one byte");
        Self { source, buffer, start: 0, end: 0, eof: false }
    }

    /// The bytes that were received and not yet consumed.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer.as_ref()[self.start..self.end]
    }

    /// Drops the first `count` bytes of [`buffer`](Self::buffer), or all if there are fewer.
    pub fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start.saturating_add(count));
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Whether the stream has ended and all of it was consumed.
    pub fn at_eof(&self) -> bool {
        self.eof && self.start == self.end
    }

    /// Receives more into the buffer, if it has room. At the end of the stream, notes it.
    async fn fill(&mut self) -> Result<(), R::Error> {
        if self.end == self.buffer.as_ref().len() && self.start > 0 {
            self.buffer.as_mut().copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let count = self.source.read(&mut self.buffer.as_mut()[self.end..]).await?;
        if count == 0 {
            self.eof = true;
        }
        self.end += count;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.end - self.start == self.buffer.as_ref().len()
    }

    /// Reads some bytes into `target`, at least one; 0 at the end of the stream, or if `target` is empty.
    ///
    /// # Errors
    /// As the source.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing, if the source is so.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn read(&mut self, target: &mut [u8]) -> Result<usize, R::Error> {
        if self.start == self.end && !self.eof && !target.is_empty() {
            self.fill().await?;
        }
        let count = target.len().min(self.end - self.start);
        target[..count].copy_from_slice(&self.buffer()[..count]);
        self.consume(count);
        Ok(count)
    }

    /// Reads exactly as many bytes as `target` holds.
    ///
    /// # Errors
    /// The stream ends before, `target` is larger than the reader's buffer, or the source fails; then nothing is
    /// consumed.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn readexactly(&mut self, target: &mut [u8]) -> Result<(), ReadError<R::Error>> {
        let expected = target.len();
        while self.end - self.start < expected {
            if expected > self.buffer.as_ref().len() {
                return Err(ReadError::LimitOverrun(LimitOverrunError { consumed: self.end - self.start }));
            }
            if self.eof {
                let partial = self.end - self.start;
                return Err(ReadError::Incomplete(IncompleteReadError { partial, expected: Some(expected) }));
            }
            self.make_room(expected);
            self.fill().await.map_err(ReadError::Io)?;
        }
        target.copy_from_slice(&self.buffer()[..expected]);
        self.consume(expected);
        Ok(())
    }

    /// Moves what is buffered to the front if `needed` bytes would not fit behind its start.
    fn make_room(&mut self, needed: usize) {
        if self.start + needed > self.buffer.as_ref().len() {
            self.buffer.as_mut().copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Reads up to and including `separator`.
    ///
    /// # Errors
    /// The stream ends before, the buffer is full before, or the source fails; then nothing is consumed.
    ///
    /// # Panics
    /// If the separator is empty.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn readuntil(&mut self, separator: &[u8]) -> Result<&[u8], ReadError<R::Error>> {
        let length = self.find(separator).await?;
        let start = self.start;
        self.start += length;
        Ok(&self.buffer.as_ref()[start..start + length])
    }

    /// Reads a line, up to and including `\n`. At the end of the stream gives what is left, then an empty line.
    ///
    /// # Errors
    /// The buffer is full before the end of the line, or the source fails; then nothing is consumed.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn readline(&mut self) -> Result<&[u8], ReadError<R::Error>> {
        let length = match self.find(b"\n").await {
            Ok(length) => length,
            Err(ReadError::Incomplete(IncompleteReadError { partial, .. })) => partial,
            Err(error) => return Err(error),
        };
        let start = self.start;
        self.start += length;
        Ok(&self.buffer.as_ref()[start..start + length])
    }

    /// Receives until `separator` is in the buffer. The length up to its end.
    async fn find(&mut self, separator: &[u8]) -> Result<usize, ReadError<R::Error>> {
        assert!(!separator.is_empty(), "a separator has at least one byte");
        // What was looked through already, so that a long line costs linear time.
        let mut searched = 0;
        loop {
            let buffered = self.buffer();
            if let Some(at) =
                buffered[searched..].windows(separator.len()).position(|window| window == separator)
            {
                return Ok(searched + at + separator.len());
            }
            // The separator may have begun in the last bytes.
            searched = (buffered.len() + 1).saturating_sub(separator.len());
            if self.eof {
                let partial = self.end - self.start;
                return Err(ReadError::Incomplete(IncompleteReadError { partial, expected: None }));
            }
            if self.is_full() {
                return Err(ReadError::LimitOverrun(LimitOverrunError { consumed: searched }));
            }
            self.fill().await.map_err(ReadError::Io)?;
        }
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

impl<R: Read, B> ErrorType for StreamReader<R, B> {
    type Error = R::Error;
}

impl<R: Read, B: AsMut<[u8]> + AsRef<[u8]>> Read for StreamReader<R, B> {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, R::Error> {
        StreamReader::read(self, target).await
    }
}

impl<R: Read, B: AsMut<[u8]> + AsRef<[u8]>> BufRead for StreamReader<R, B> {
    async fn fill_buf(&mut self) -> Result<&[u8], R::Error> {
        if self.start == self.end && !self.eof {
            self.fill().await?;
        }
        Ok(self.buffer())
    }

    fn consume(&mut self, count: usize) {
        StreamReader::consume(self, count);
    }
}
