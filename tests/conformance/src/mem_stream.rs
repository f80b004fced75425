//! A stream out of memory, in pieces of a given size, with a pause before each.

use core::convert::Infallible;

use embedded_io_async::{ErrorType, Read, Write};
use everloop_core::{Duration, sleep};

pub struct Source<'a> {
    pub data: &'a [u8],
    /// At most so many bytes a read.
    pub piece: usize,
    pub pause: Duration,
}

impl ErrorType for Source<'_> {
    type Error = Infallible;
}

impl Read for Source<'_> {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, Infallible> {
        // Before any byte is taken, so that a read can be cancelled without loss.
        if !self.pause.is_zero() {
            sleep(self.pause).await;
        }
        let count = self.piece.min(self.data.len()).min(target.len());
        let (now, later) = self.data.split_at(count);
        target[..count].copy_from_slice(now);
        self.data = later;
        Ok(count)
    }
}

/// Takes at most `piece` bytes a write.
pub struct Sink {
    pub data: heapless::Vec<u8, 128>,
    pub piece: usize,
    pub eof: bool,
}

impl ErrorType for Sink {
    type Error = Infallible;
}

impl Write for Sink {
    async fn write(&mut self, data: &[u8]) -> Result<usize, Infallible> {
        sleep(Duration::from_millis(1)).await;
        let count = data.len().min(self.piece);
        self.data.extend_from_slice(&data[..count]).unwrap();
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl everloop_core::net::ConnectionWriter for Sink {
    async fn write_eof(&mut self) -> Result<(), Infallible> {
        self.eof = true;
        Ok(())
    }

    fn abort(&mut self) {}
}
