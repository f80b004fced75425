use std::io;
use std::net::SocketAddr;

use everloop_core::net::Connection;

use super::Tcp;
use crate::net::socket::Socket;
use crate::net::{ReadHalf, StreamSocket, WriteHalf};
use crate::reactor;

/// A TCP connection. What it has in common with other streams is described at [`StreamSocket`].
pub type TcpStream = StreamSocket<Tcp>;

/// The half of a [`TcpStream`] to read from.
pub type TcpReader = ReadHalf<Tcp>;

/// The half of a [`TcpStream`] to write to.
pub type TcpWriter = WriteHalf<Tcp>;

impl StreamSocket<Tcp> {
    /// Connects to `address`. The connection has `TCP_NODELAY` set: small writes go out at once.
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up.
    ///
    /// # Allocation
    /// The socket's state.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let driver = reactor::current()?;
        let socket = Socket::new(driver, mio::net::TcpStream::connect(address)?)?;
        socket.connected().await?;
        Ok(Self::connected(socket))
    }

    /// Takes over a connection made elsewhere.
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<Self> {
        let driver = reactor::current()?;
        stream.set_nonblocking(true)?;
        Ok(Self::new(Socket::new(driver, mio::net::TcpStream::from_std(stream))?))
    }

    pub(super) fn connected(socket: Socket<Tcp>) -> Self {
        // Some systems refuse this once the peer has reset; then the next read gives the better error.
        let _ = socket.options(|options| options.set_tcp_nodelay(true));
        Self::new(socket)
    }

    /// Whether small writes go out at once; they do unless that was changed.
    ///
    /// # Errors
    /// The operating system's.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.options(|socket| socket.tcp_nodelay())
    }

    /// Sends small writes at once, or (with `false`) holds them back to send them together.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.options(|socket| socket.set_tcp_nodelay(on))
    }
}

impl Connection for TcpStream {
    type Error = io::Error;
    type Reader = TcpReader;
    type Writer = TcpWriter;

    fn split(self) -> (TcpReader, TcpWriter) {
        self.split()
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.peer_addr()
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }
}
