use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::task::Waker;

use mio::Interest;
use mio::unix::pipe::{Receiver, Sender};

use super::growth::Growth;
use crate::reactor::{Driver, Registered, Side};

/// Who has read so much, and not as much as there was room for, has mostly read all there was. Until others have had their
/// turn and input was looked at there is more; to try at once only keeps the process from writing it.
const MUCH: usize = 64 * 1024;

/// The end to read from. Of a short read nothing is concluded: a process may make its pipe one of packets.
pub(super) struct ReadEnd {
    io: Registered<Receiver>,
    growth: Growth,
}

impl ReadEnd {
    pub(super) fn new(driver: Rc<Driver>, pipe: io::PipeReader) -> io::Result<Self> {
        let pipe = Receiver::from(OwnedFd::from(pipe));
        pipe.set_nonblocking(true)?;
        Ok(Self { io: Registered::new(driver, pipe, Interest::READABLE)?, growth: Growth::new() })
    }

    pub(super) async fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        let read = |mut pipe: &Receiver| {
            let count = pipe.read(buf)?;
            self.growth.note_read(pipe, count);
            if (MUCH..buf.len()).contains(&count) {
                self.io.end_turn(Side::Read);
            }
            Ok(count)
        };
        self.io.when_ready(Side::Read, read).await
    }
}

/// The end to write to.
pub(super) struct WriteEnd {
    io: Registered<Sender>,
    growth: Growth,
}

impl WriteEnd {
    pub(super) fn new(driver: Rc<Driver>, pipe: io::PipeWriter) -> io::Result<Self> {
        let pipe = Sender::from(OwnedFd::from(pipe));
        pipe.set_nonblocking(true)?;
        Ok(Self { io: Registered::new(driver, pipe, Interest::WRITABLE)?, growth: Growth::new() })
    }

    pub(super) async fn write(&self, buf: &[u8]) -> io::Result<usize> {
        let write = |mut pipe: &Sender| match pipe.write(buf) {
            Ok(count) if count < buf.len() && self.growth.note_full(pipe) => {
                // What there is room for now. That it is refused changes nothing about what was taken.
                Ok(count + pipe.write(&buf[count..]).unwrap_or(0))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && self.growth.note_full(pipe) => {
                pipe.write(buf)
            }
            result => result,
        };
        self.io.when_ready(Side::Write, write).await
    }

    /// Mostly there is something to read from the process then: what it has made of an earlier piece while this one was
    /// written. So the two sides work on different pipes, and neither waits for the other's lock of one.
    pub(super) fn wake_after_look(&self, waker: &Waker) -> bool {
        self.io.driver().wake_after_look(waker)
    }

    pub(super) async fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
