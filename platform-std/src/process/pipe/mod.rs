//! The ends of pipes on this side.

#[cfg(unix)]
mod growth;
#[cfg(unix)]
mod polled;
#[cfg(unix)]
use polled::{ReadEnd, WriteEnd};

#[cfg(not(unix))]
mod threaded;
#[cfg(not(unix))]
use threaded::{ReadEnd, WriteEnd};

use std::rc::Rc;
use std::task::Waker;
use std::{fmt, io};

use embedded_io_async::{ErrorType, Read, Write};
use everloop_core::net::ConnectionWriter;

use crate::reactor::Driver;

/// The end of a pipe to read from, which a process writes to.
///
/// Reads are tried at once, and wait only if they would block. It belongs to the loop that made it and is not `Send`.
pub struct PipeReader {
    end: ReadEnd,
}

impl PipeReader {
    pub(super) fn new(driver: Rc<Driver>, pipe: io::PipeReader) -> io::Result<Self> {
        Ok(Self { end: ReadEnd::new(driver, pipe)? })
    }
}

impl fmt::Debug for PipeReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeReader").finish_non_exhaustive()
    }
}

impl ErrorType for PipeReader {
    type Error = io::Error;
}

/// # Cancel safety
/// A read that is dropped before it was ready has taken no byte.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
impl Read for PipeReader {
    async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.end.read(buf).await
    }
}

/// The end of a pipe to write to, which a process reads from. Dropped, it is the end of what the process reads.
///
/// Writes are tried at once, and wait only if they would block. It belongs to the loop that made it and is not `Send`.
///
/// A write to a process that reads no more is an error of kind [`BrokenPipe`](io::ErrorKind::BrokenPipe). For that this
/// process must ignore SIGPIPE, as every Rust program does that does not say otherwise.
pub struct PipeWriter {
    /// None after the end was written.
    end: Option<WriteEnd>,
}

impl PipeWriter {
    pub(super) fn new(driver: Rc<Driver>, pipe: io::PipeWriter) -> io::Result<Self> {
        Ok(Self { end: Some(WriteEnd::new(driver, pipe)?) })
    }
}

impl fmt::Debug for PipeWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeWriter").field("closed", &self.end.is_none()).finish_non_exhaustive()
    }
}

impl ErrorType for PipeWriter {
    type Error = io::Error;
}

/// `flush` has nothing to do on Unix: what was written is in the pipe. On Windows it waits until it is.
///
/// # Cancel safety
/// A write that is dropped before it was ready has written no byte. `write_all` is several writes.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
impl Write for PipeWriter {
    async fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let Some(end) = &self.end else { return Err(closed()) };
        if buf.is_empty() {
            return Ok(0);
        }
        match end.write(buf).await {
            // The trait's contract, on which loops like `write_all` build.
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            result => result,
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        match &self.end {
            Some(end) => end.flush().await,
            None => Ok(()),
        }
    }
}

/// Both close the pipe. What is in it the process reads all the same, since there is no taking it back.
impl ConnectionWriter for PipeWriter {
    async fn write_eof(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.end = None;
        Ok(())
    }

    fn abort(&mut self) {
        self.end = None;
    }

    fn wake_after_look(&mut self, waker: &Waker) -> bool {
        self.end.as_ref().is_some_and(|end| end.wake_after_look(waker))
    }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the pipe was closed on this side")
}
