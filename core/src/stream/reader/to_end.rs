use alloc::vec::Vec;

use embedded_io_async::Read;

use super::{ReadBuffer, StreamReader};
use crate::stream::error::{LimitOverrunError, ReadError};

impl<R: Read, B: ReadBuffer> StreamReader<R, B> {
    /// Reads all that comes until the end of the stream, and appends it to `target`. How much that was. asyncio's
    /// `read()`.
    ///
    /// # Errors
    /// As the source; what had come before is in `target`.
    ///
    /// # Cancel safety
    /// What had come when the future was dropped is in `target`, and a second call goes on behind.
    ///
    /// # Allocation
    /// What `target` needs, and a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn read_to_end(&mut self, target: &mut Vec<u8>) -> Result<usize, R::Error> {
        let mut count = 0;
        loop {
            match self.read_some(usize::MAX).await? {
                [] => return Ok(count),
                bytes => {
                    target.extend_from_slice(bytes);
                    count += bytes.len();
                }
            }
        }
    }

    /// As [`read_to_end`](Self::read_to_end), for a stream that is not trusted to end: until `target` has `most` bytes,
    /// with those that it had before.
    ///
    /// # Errors
    /// There is more, which stays in the buffer; `target` has as much as it may, and the error says how much that is. Or
    /// as the source; what had come before is in `target`.
    ///
    /// # Cancel safety
    /// What had come when the future was dropped is in `target`, and a second call goes on behind.
    ///
    /// # Allocation
    /// What `target` needs, and a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub async fn read_to_end_at_most(
        &mut self,
        target: &mut Vec<u8>,
        most: usize,
    ) -> Result<usize, ReadError<R::Error>> {
        let mut count = 0;
        loop {
            let left = most.saturating_sub(target.len());
            if left == 0 {
                self.check().map_err(ReadError::Io)?;
                if self.is_empty() && !self.eof {
                    self.fill().await.map_err(ReadError::Io)?;
                }
                if self.is_empty() {
                    return Ok(count);
                }
                return Err(ReadError::LimitOverrun(LimitOverrunError { consumed: target.len() }));
            }
            match self.read_some(left).await.map_err(ReadError::Io)? {
                [] => return Ok(count),
                bytes => {
                    target.extend_from_slice(bytes);
                    count += bytes.len();
                }
            }
        }
    }
}
