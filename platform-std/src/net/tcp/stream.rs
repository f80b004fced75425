use std::io;
use std::net::SocketAddr;

use everloop_core::Duration;
use everloop_core::net::Connection;

use super::{Tcp, options};
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

    /// Whether the system looks now and then whether the peer is still there.
    ///
    /// # Errors
    /// The operating system's.
    pub fn keepalive(&self) -> io::Result<bool> {
        self.options(|socket| socket.keepalive())
    }

    /// Has the system look whether the peer is still there whenever nothing came for this long, in whole seconds; with
    /// `None` it never looks. A peer that is gone is an error of the next read.
    ///
    /// # Errors
    /// The operating system's; among others for less than a second.
    pub fn set_keepalive(&self, idle: Option<Duration>) -> io::Result<()> {
        self.options(|socket| options::set_keepalive(&socket, idle))
    }

    /// How many routers a packet may pass.
    ///
    /// # Errors
    /// The operating system's.
    pub fn ttl(&self) -> io::Result<u32> {
        let is_v6 = self.local_addr()?.is_ipv6();
        self.options(|socket| options::ttl(&socket, is_v6))
    }

    /// Sets how many routers a packet may pass.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        let is_v6 = self.local_addr()?.is_ipv6();
        self.options(|socket| options::set_ttl(&socket, is_v6, hops))
    }

    /// How long closing waits for what was not sent yet; `None`, the default, is not at all: the system sends it
    /// meanwhile.
    ///
    /// # Errors
    /// The operating system's.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        let linger = self.options(|socket| socket.linger())?;
        linger.map(|time| Duration::try_from(time).map_err(io::Error::other)).transpose()
    }

    /// Sets how long closing waits for what was not sent yet, in whole seconds. With zero, closing resets the connection,
    /// as [`abort`](Self::abort). Anything else holds up the whole loop when the stream is dropped, on most systems.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_linger(&self, time: Option<Duration>) -> io::Result<()> {
        self.options(|socket| socket.set_linger(time.map(Into::into)))
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
