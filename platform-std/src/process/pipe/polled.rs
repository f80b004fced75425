use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::rc::Rc;

use mio::Interest;
use mio::unix::pipe::{Receiver, Sender};

use crate::reactor::{Driver, Registered, Side};

/// The end to read from. Of a short read nothing is concluded: a process may make its pipe one of packets.
pub(super) struct ReadEnd(Registered<Receiver>);

impl ReadEnd {
    pub(super) fn new(driver: Rc<Driver>, pipe: io::PipeReader) -> io::Result<Self> {
        let pipe = Receiver::from(OwnedFd::from(pipe));
        pipe.set_nonblocking(true)?;
        Ok(Self(Registered::new(driver, pipe, Interest::READABLE)?))
    }

    pub(super) async fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.when_ready(Side::Read, |mut pipe| pipe.read(buf)).await
    }
}

/// The end to write to.
pub(super) struct WriteEnd(Registered<Sender>);

impl WriteEnd {
    pub(super) fn new(driver: Rc<Driver>, pipe: io::PipeWriter) -> io::Result<Self> {
        let pipe = Sender::from(OwnedFd::from(pipe));
        pipe.set_nonblocking(true)?;
        Ok(Self(Registered::new(driver, pipe, Interest::WRITABLE)?))
    }

    pub(super) async fn write(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.when_ready(Side::Write, |mut pipe| pipe.write(buf)).await
    }

    pub(super) async fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}
