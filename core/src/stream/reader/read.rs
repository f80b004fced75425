//! The reads.

use embedded_io_async::Read;

use super::search::{self, Found};
use super::{ReadBuffer, StreamReader};
use crate::stream::error::{IncompleteReadError, LimitOverrunError, ReadError};

/// Who has room for so many bytes has them read there and not into a `Growing` buffer that has no more room itself.
const DIRECT: usize = 4 * 1024;

impl<R: Read, B: ReadBuffer> StreamReader<R, B> {
    /// Reads some bytes into `target`, at least one; 0 at the end of the stream, or if `target` is empty. asyncio's
    /// `read(n)`.
    ///
    /// # Errors
    /// As the source; nothing is consumed.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing, if the source is so.
    ///
    /// # Allocation
    /// None, but for a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn read(&mut self, target: &mut [u8]) -> Result<usize, R::Error> {
        self.check()?;
        if self.is_empty() && !self.eof && !target.is_empty() {
            if target.len() >= self.buffer.room().len().max(self.buffer.limit().min(DIRECT)) {
                // It would not get more by way of the buffer.
                let count = self.source.read(target).await?;
                self.eof = count == 0;
                return Ok(count);
            }
            self.fill().await?;
        }
        let count = target.len().min(self.len());
        target[..count].copy_from_slice(&self.buffer()[..count]);
        self.consume(count);
        Ok(count)
    }

    /// Reads some bytes, at least one and at most `most`, and lends them; none at the end of the stream, or if `most` is
    /// 0. As [`read`](Self::read), without a copy.
    ///
    /// # Errors
    /// As the source; nothing is consumed.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing, if the source is so.
    ///
    /// # Allocation
    /// None, but for a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn read_some(&mut self, most: usize) -> Result<&[u8], R::Error> {
        self.check()?;
        if self.is_empty() && !self.eof && most > 0 {
            self.fill().await?;
        }
        Ok(self.take(most.min(self.len())))
    }

    /// Reads exactly as many bytes as `target` holds, however many that is: a `Growing` buffer's limit does not count.
    ///
    /// # Errors
    /// The stream ends before: then what had come is consumed, and [`partial`](Self::partial) lends it. `target` is
    /// larger than a buffer of a fixed size, or the source fails: then nothing is consumed.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing.
    ///
    /// # Allocation
    /// None, but for a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn readexactly(&mut self, target: &mut [u8]) -> Result<(), ReadError<R::Error>> {
        self.check().map_err(ReadError::Io)?;
        let expected = target.len();
        while self.len() < expected {
            if self.eof {
                return Err(self.incomplete(Some(expected)));
            }
            if self.is_full() || !self.can_hold(expected) {
                return Err(ReadError::LimitOverrun(LimitOverrunError { consumed: self.len() }));
            }
            self.fill().await.map_err(ReadError::Io)?;
        }
        target.copy_from_slice(&self.buffer()[..expected]);
        self.consume(expected);
        Ok(())
    }

    /// Reads up to and including `separator`.
    ///
    /// # Errors
    /// The stream ends before: then what had come is consumed, and [`partial`](Self::partial) lends it. The limit is
    /// reached before: then the buffer is left as it is, and [`consume`](Self::consume) of what the error says goes on
    /// behind. The source fails: then nothing is consumed.
    ///
    /// # Panics
    /// If the separator is empty.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing.
    ///
    /// # Allocation
    /// None, but for a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn readuntil(&mut self, separator: &[u8]) -> Result<&[u8], ReadError<R::Error>> {
        self.readuntil_any(&[separator]).await
    }

    /// Reads up to and including whichever of `separators` ends first. asyncio's `readuntil` with a tuple.
    ///
    /// # Errors
    /// As [`readuntil`](Self::readuntil).
    ///
    /// # Panics
    /// If there is no separator, or one is empty.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing.
    ///
    /// # Allocation
    /// None, but for a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn readuntil_any(&mut self, separators: &[&[u8]]) -> Result<&[u8], ReadError<R::Error>> {
        assert!(!separators.is_empty(), "there is at least one separator");
        assert!(separators.iter().all(|s| !s.is_empty()), "a separator has at least one byte");
        let length = self.find(separators).await?;
        Ok(self.take(length))
    }

    /// Reads a line, up to and including `\n`. At the end of the stream gives what is left, then an empty line.
    ///
    /// # Errors
    /// The limit is reached before the end of the line: then what there is of the line is dropped, and the rest of it, if
    /// it was still to come, is read as the next line. Or the source fails: then nothing is consumed.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has consumed nothing.
    ///
    /// # Allocation
    /// None, but for a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn readline(&mut self) -> Result<&[u8], ReadError<R::Error>> {
        let length = match self.find(&[b"\n"]).await {
            Ok(length) => length,
            Err(ReadError::Incomplete(IncompleteReadError { partial, .. })) => {
                // Here it is no failure.
                self.partial = 0;
                return Ok(&self.buffer.room()[self.start - partial..self.start]);
            }
            Err(ReadError::LimitOverrun(overrun)) => {
                let is_whole = self.buffer().get(overrun.consumed) == Some(&b'\n');
                self.consume(if is_whole { overrun.consumed + 1 } else { usize::MAX });
                return Err(ReadError::LimitOverrun(overrun));
            }
            Err(error) => return Err(error),
        };
        Ok(self.take(length))
    }

    /// Receives until a separator is in the buffer. The length up to its end.
    async fn find(&mut self, separators: &[&[u8]]) -> Result<usize, ReadError<R::Error>> {
        self.check().map_err(ReadError::Io)?;
        let longest = separators.iter().map(|separator| separator.len()).max().unwrap_or(0);
        // What was looked through already, so that a long line costs linear time.
        let mut searched = 0;
        loop {
            let buffered = self.buffer();
            if let Some(Found { start, end }) = search::earliest(buffered, searched, separators) {
                if start > self.buffer.limit() {
                    return Err(ReadError::LimitOverrun(LimitOverrunError { consumed: start }));
                }
                return Ok(end);
            }
            // A separator may have begun in the last bytes.
            searched = (buffered.len() + 1).saturating_sub(longest);
            if searched > self.buffer.limit() {
                return Err(ReadError::LimitOverrun(LimitOverrunError { consumed: searched }));
            }
            if self.eof {
                return Err(self.incomplete(None));
            }
            if self.is_full() {
                return Err(ReadError::LimitOverrun(LimitOverrunError { consumed: searched }));
            }
            self.fill().await.map_err(ReadError::Io)?;
        }
    }

    /// Consumes and lends the first `count` bytes of the buffer.
    pub(super) fn take(&mut self, count: usize) -> &[u8] {
        self.consume(count);
        &self.buffer.room()[self.start - count..self.start]
    }

    /// The stream has ended: consumes what there is, to be lent as `partial`.
    fn incomplete(&mut self, expected: Option<usize>) -> ReadError<R::Error> {
        let partial = self.len();
        self.consume(partial);
        self.partial = partial;
        ReadError::Incomplete(IncompleteReadError { partial, expected })
    }

    /// Whether there is no room left, and none can be made.
    fn is_full(&mut self) -> bool {
        let needed = self.len() + 1;
        needed > self.buffer.room().len() && !self.buffer.make_room(needed)
    }

    /// Whether so many bytes could be there at once; makes no room for them, which may never come.
    fn can_hold(&self, total: usize) -> bool {
        total <= self.buffer.room().len() || self.buffer.grows()
    }
}
