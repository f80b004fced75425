use std::fmt;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::rc::Rc;

use embedded_io_async::{ErrorType, Read, Write};
use everloop_core::net::Connection;

use super::socket::Socket;
use super::{TcpReader, TcpWriter};
use crate::reactor;

/// A TCP connection.
///
/// Reads and writes are tried at once, and wait for the operating system's word only if they would block. A task
/// whose connection is always ready nevertheless lets the others run now and then.
///
/// Dropping it closes in good order: what was written is delivered by the kernel. Input that arrived and was not
/// read is thrown away before; input that arrives after makes the kernel reset the connection, as it would for any
/// program.
///
/// It belongs to the loop that made it and is not `Send`. Waiting for it in another loop is an error that says so.
pub struct TcpStream {
    socket: Rc<Socket>,
}

impl TcpStream {
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
        Ok(Self { socket: Rc::new(Socket::new(driver, mio::net::TcpStream::from_std(stream))?) })
    }

    pub(super) fn connected(socket: Socket) -> Self {
        // Some systems refuse this once the peer has reset; then the next read gives the better error.
        let _ = socket.set_nodelay(true);
        Self { socket: Rc::new(socket) }
    }

    /// The two halves, which may be used by different tasks of the loop.
    pub fn split(self) -> (TcpReader, TcpWriter) {
        (TcpReader::new(Rc::clone(&self.socket)), TcpWriter::new(self.socket))
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// The operating system's, among others when the peer has reset the connection.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// The address of this end.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Whether small writes go out at once; they do unless that was changed.
    ///
    /// # Errors
    /// The operating system's.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.socket.nodelay()
    }

    /// Sends small writes at once, or (with `false`) holds them back to send them together.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.socket.set_nodelay(on)
    }

    /// Ends the stream in one direction or both. After [`Shutdown::Write`] the peer reads all that was written,
    /// and then the end.
    ///
    /// # Errors
    /// The operating system's, among others when the connection is already reset.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }

    /// Resets the connection: what was not sent yet is lost and the peer sees an error.
    pub fn abort(self) {
        self.socket.abort();
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::describe(f, "TcpStream", &self.socket)
    }
}

impl ErrorType for TcpStream {
    type Error = io::Error;
}

/// # Cancel safety
/// A read that is dropped before it was ready has taken no byte.
///
/// # Allocation
/// None, unless several tasks wait for the same connection.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
impl Read for TcpStream {
    async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.socket.read(buf).await
    }
}

/// `flush` has nothing to do: what was written is the kernel's, and on its way.
///
/// # Cancel safety
/// A write that is dropped before it was ready has written no byte. `write_all` is several writes.
///
/// # Allocation
/// None, unless several tasks wait for the same connection.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
impl Write for TcpStream {
    async fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.socket.write(buf).await
    }

    async fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
