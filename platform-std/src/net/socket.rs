use std::cell::Cell;
use std::io;
use std::net::Shutdown;
use std::rc::Rc;
use std::time::Duration;

use mio::Interest;
use socket2::{SockAddr, SockRef, Socket as RawSocket};

use super::kind::{Io, Kind};
use crate::reactor::{self, Registered, Side};

/// So much unread input is thrown away at most when a socket is dropped.
const DRAIN_AT_MOST: usize = 1 << 20;

/// Both directions, and on Linux urgent data, at which reads stop short.
const INTEREST: Interest = {
    let both = Interest::READABLE.add(Interest::WRITABLE);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let both = both.add(Interest::PRIORITY);
    both
};

/// Begins to connect. It may be under way when this returns.
pub(super) fn begin_to_connect(socket: &RawSocket, address: &SockAddr) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    match socket.connect(address) {
        Err(error) if is_under_way(&error) => Ok(()),
        result => result,
    }
}

#[cfg(unix)]
fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS)
}

#[cfg(not(unix))]
fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

/// A connected socket, which the two halves of a stream share.
pub(super) struct Socket<K: Kind> {
    io: Registered<K::Io>,
    /// Whether the peer's end of the stream was read.
    ended: Cell<bool>,
}

impl<K: Kind> Socket<K> {
    /// Registers a connection with the reactor of the listener it came from, or of the running loop.
    pub(super) fn new(driver: Rc<reactor::Driver>, io: K::Io) -> io::Result<Self> {
        Ok(Self { io: Registered::new(driver, io, INTEREST)?, ended: Cell::new(false) })
    }

    /// Waits until the connection that was begun is there.
    pub(super) async fn connected(&self) -> io::Result<()> {
        self.io
            .when_ready(Side::Write, |io| {
                if let Some(error) = io.take_error()? {
                    return Err(error);
                }
                match io.peer_addr() {
                    Ok(_) => Ok(()),
                    // Neither failed nor connected: under way.
                    Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                        Err(io::ErrorKind::WouldBlock.into())
                    }
                    Err(error) => Err(error),
                }
            })
            .await
    }

    pub(super) async fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let count = self.io.when_ready(Side::Read, |io| io.read(buf)).await?;
        if count == 0 {
            self.ended.set(true);
        } else if count < buf.len() {
            self.io.note_short_read();
        }
        Ok(count)
    }

    pub(super) async fn write(&self, buf: &[u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        match self.io.when_ready(Side::Write, |io| io.write(buf)).await {
            // The trait's contract, on which loops like `write_all` build.
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            result => result,
        }
    }

    pub(super) fn peer_addr(&self) -> io::Result<K::Addr> {
        self.io.with(Io::peer_addr)
    }

    pub(super) fn local_addr(&self) -> io::Result<K::Addr> {
        self.io.with(Io::local_addr)
    }

    /// Asks for an option of the socket, or sets one.
    pub(super) fn options<T>(&self, f: impl FnOnce(SockRef<'_>) -> io::Result<T>) -> io::Result<T> {
        self.io.with(|io| f(io.options()))
    }

    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.io.with(|io| io.shutdown(how))?;
        // Not every system makes an event of it.
        if how != Shutdown::Write {
            self.io.finish(Side::Read);
        }
        if how != Shutdown::Read {
            self.io.finish(Side::Write);
        }
        Ok(())
    }

    /// Resets the connection, also under the other half.
    pub(super) fn abort(&self) {
        // Closed with a linger time of zero, a connection is reset. Where that is refused (the peer was faster)
        // there is nothing left to reset.
        let _ = self.options(|socket| socket.set_linger(Some(Duration::ZERO)));
        self.io.close();
    }

    /// Throws away input that nobody will read. A close with unread input in the kernel is a reset, which would
    /// take with it what was written and is still under way.
    fn drain(&self) {
        // Mostly it is known that there is none.
        if self.ended.get() || !self.io.may_be_ready(Side::Read) {
            return;
        }
        let mut scratch = [0; 8192];
        let mut left = DRAIN_AT_MOST;
        let _ = self.io.with(|io| {
            loop {
                match io.read(&mut scratch)? {
                    0 => return Ok(()),
                    count if count >= left => return Ok(()),
                    count => left -= count,
                }
            }
        });
    }
}

impl<K: Kind> Drop for Socket<K> {
    fn drop(&mut self) {
        self.drain();
    }
}
