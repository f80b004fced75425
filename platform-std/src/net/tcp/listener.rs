use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use everloop_core::net::Listener;
use mio::Interest;

use super::{Tcp, TcpSocket, TcpStream};
use crate::net::socket::Socket;
use crate::net::{BACKLOG, Incoming};
use crate::reactor::{self, Registered, Side};

/// A bound TCP port that hands out connections.
///
/// It belongs to the loop that made it and is not `Send`.
pub struct TcpListener {
    io: Registered<mio::net::TcpListener>,
}

impl TcpListener {
    /// Binds `address` and listens: when it returns, clients can connect. Port 0 has the system choose one.
    ///
    /// On Unix it sets `SO_REUSEADDR`, so that a server can start again while connections of the one before are
    /// still closing. For other options, see [`TcpSocket`].
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        // Asked first, so that outside a loop no port is taken for a moment.
        reactor::current()?;
        let socket = TcpSocket::for_address(address)?;
        socket.set_reuse_address(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    }

    /// Takes over a listener made elsewhere.
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Self> {
        Self::register(reactor::current()?, listener)
    }

    pub(super) fn register(driver: Rc<reactor::Driver>, listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let io = mio::net::TcpListener::from_std(listener);
        Ok(Self { io: Registered::new(driver, io, Interest::READABLE)? })
    }

    /// Waits for the next connection, and gives it with its peer's address. Any number of tasks may wait. The
    /// connection has `TCP_NODELAY` set, as one made by [`TcpStream::connect`].
    ///
    /// # Errors
    /// The operating system's. The listener stays usable, and clients that wait stay in line:
    ///
    /// - Out of file descriptors or memory the next `accept` fails at once as well, until something is closed.
    ///   Who tries again must let time pass first (a [`sleep`](crate::sleep) will do), or it spins.
    /// - Others, as [`ConnectionAborted`](io::ErrorKind::ConnectionAborted), are of the one connection, which is
    ///   gone: try again at once.
    ///
    /// # Cancel safety
    /// Dropping the future loses no connection.
    ///
    /// # Allocation
    /// The socket's state.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (io, peer) = self.io.when_ready(Side::Read, mio::net::TcpListener::accept).await?;
        Ok((self.accepted(io)?, peer))
    }

    /// The connections as a [`Stream`](futures_core::Stream), for the adapters of other crates.
    pub fn incoming(&self) -> Incoming<'_, Tcp> {
        Incoming::new(self, self.io.waiter(Side::Read), |listener: &Self, cx, waiter| {
            let accepted = listener.io.poll_waiting(cx, waiter, mio::net::TcpListener::accept);
            accepted.map(|accepted| listener.accepted(accepted?.0))
        })
    }

    fn accepted(&self, io: mio::net::TcpStream) -> io::Result<TcpStream> {
        Ok(TcpStream::connected(Socket::new(Rc::clone(self.io.driver()), io)?))
    }

    /// The address it is bound to, with the port that was chosen if port 0 was asked for.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(mio::net::TcpListener::local_addr)
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("TcpListener");
        if let Ok(address) = self.local_addr() {
            s.field("local", &address);
        }
        s.finish_non_exhaustive()
    }
}

impl Listener for TcpListener {
    type Error = io::Error;
    type Connection = TcpStream;

    async fn accept(&self) -> io::Result<TcpStream> {
        Ok(self.accept().await?.0)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }
}
