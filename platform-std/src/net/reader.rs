use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use embedded_io_async::{ErrorType, Read};

use super::socket::Socket;

/// The half of a [`TcpStream`](super::TcpStream) to read from.
///
/// The connection closes when both halves are dropped; dropping this one alone changes nothing for the peer.
pub struct TcpReader {
    socket: Rc<Socket>,
}

impl TcpReader {
    pub(super) fn new(socket: Rc<Socket>) -> Self {
        Self { socket }
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
}

impl fmt::Debug for TcpReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::describe(f, "TcpReader", &self.socket)
    }
}

impl ErrorType for TcpReader {
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
impl Read for TcpReader {
    async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.socket.read(buf).await
    }
}
