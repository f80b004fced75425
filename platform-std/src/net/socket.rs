#[cfg(feature = "tls")]
mod layered;
mod reading;
mod writing;

use std::cell::Cell;
use std::io::{self, IoSliceMut};
use std::net::Shutdown;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use mio::Interest;
use socket2::{SockAddr, SockRef, Socket as RawSocket};

use super::kind::{Io, Kind};
use super::server::Clients;
use crate::reactor::{self, Registered, Side};

#[cfg(feature = "tls")]
pub(crate) use writing::io_slices;

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
pub(crate) struct Socket<K: Kind> {
    io: Registered<K::Io>,
    /// Whether the peer's end of the stream was read.
    ended: Cell<bool>,
    /// Whether it was closed in good order under its halves.
    closed: Cell<bool>,
    /// Which of its server's clients it is. Beside the marks, where it takes no room of its own.
    number: Cell<u32>,
    /// Those clients, until it is closed.
    clients: Cell<Option<Rc<Clients<K>>>>,
    /// What a protocol that lies on it has to say before it closes.
    #[cfg(feature = "tls")]
    goodbye: Cell<Option<Box<dyn FnOnce()>>>,
}

impl<K: Kind> Socket<K> {
    /// Registers a connection with the reactor of the listener it came from, or of the running loop.
    pub(super) fn new(driver: Rc<reactor::Driver>, io: K::Io) -> io::Result<Self> {
        Ok(Self {
            io: Registered::new(driver, io, INTEREST)?,
            ended: Cell::new(false),
            closed: Cell::new(false),
            number: Cell::new(0),
            clients: Cell::new(None),
            #[cfg(feature = "tls")]
            goodbye: Cell::new(None),
        })
    }

    /// It is a client of a server, by this number, until it is closed.
    pub(super) fn belong_to(&self, clients: Rc<Clients<K>>, number: u32) {
        self.number.set(number);
        self.clients.set(Some(clients));
    }

    /// It is a client no more.
    fn leave_server(&self) {
        if let Some(clients) = self.clients.take() {
            clients.remove(self.number.get());
        }
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

    pub(crate) fn peer_addr(&self) -> io::Result<K::Addr> {
        self.io.with(Io::peer_addr)
    }

    pub(crate) fn local_addr(&self) -> io::Result<K::Addr> {
        self.io.with(Io::local_addr)
    }

    /// Asks for an option of the socket, or sets one.
    pub(super) fn options<T>(&self, f: impl FnOnce(SockRef<'_>) -> io::Result<T>) -> io::Result<T> {
        self.io.with(|io| f(io.options()))
    }

    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if self.closed.get() {
            // That was the end in both directions.
            return Ok(());
        }
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

    /// The end of what is written, for traits that are polled.
    pub(crate) fn poll_write_eof(&self) -> Poll<io::Result<()>> {
        Poll::Ready(match self.shutdown(Shutdown::Write) {
            // The connection has come to its end by itself, and that is what is asked for.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        })
    }

    /// Resets the connection, also under the other half.
    pub(crate) fn abort(&self) {
        // Closed with a linger time of zero, a connection is reset. Where that is refused (the peer was faster)
        // there is nothing left to reset.
        let _ = self.options(|socket| socket.set_linger(Some(Duration::ZERO)));
        self.io.close();
        self.leave_server();
    }

    /// Closes the connection in good order, also under its halves: they read the end, and what they write is an error.
    pub(crate) fn close(&self) {
        #[cfg(feature = "tls")]
        self.say_goodbye();
        self.drain();
        self.closed.set(true);
        self.io.close();
        self.leave_server();
    }

    /// Throws away input that nobody will read. A close with unread input in the kernel is a reset, which would
    /// take with it what was written and is still under way.
    ///
    /// The kernel is asked, whatever is known of the side: some may have come since the loop looked at events.
    fn drain(&self) {
        if self.ended.get() {
            // Nothing follows.
            return;
        }
        let mut scratch = [0; 8192];
        let mut left = DRAIN_AT_MOST;
        let _ = self.io.with(|io| {
            loop {
                match io.read(&mut [IoSliceMut::new(&mut scratch)])?.count {
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
        /// Last, also if a waker panics, so that its server is told when it is closed.
        struct Leaving<'a, K: Kind>(&'a Socket<K>);
        impl<K: Kind> Drop for Leaving<'_, K> {
            fn drop(&mut self) {
                self.0.leave_server();
            }
        }
        // By its name it lasts to the end.
        let leaving = Leaving(self);
        leaving.0.drain();
        leaving.0.io.close();
    }
}
