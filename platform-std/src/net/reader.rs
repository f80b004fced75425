use std::fmt;
use std::io::{self, IoSliceMut};
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
use std::mem::MaybeUninit;
use std::rc::Rc;
use std::task::{Context, Poll};

use embedded_io_async::{ErrorType, Read, ReadExactError};

use super::kind::Kind;
use super::socket::Socket;

/// The half of a [`StreamSocket`](super::StreamSocket) to read from.
///
/// The connection closes when both halves are dropped; dropping this one alone changes nothing for the peer.
pub struct ReadHalf<K: Kind> {
    socket: Rc<Socket<K>>,
}

impl<K: Kind> ReadHalf<K> {
    pub(super) fn new(socket: Rc<Socket<K>>) -> Self {
        Self { socket }
    }

    /// Its socket, for a protocol that lies on it.
    #[cfg(feature = "tls")]
    pub(crate) fn into_socket(self) -> Rc<Socket<K>> {
        self.socket
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// The operating system's, among others when the peer has reset the connection.
    pub fn peer_addr(&self) -> io::Result<K::Addr> {
        self.socket.peer_addr()
    }

    /// The address of this end.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<K::Addr> {
        self.socket.local_addr()
    }

    /// As `read`, for futures and traits that are written by hand: what can be read now, or pending, and then `cx` is woken
    /// when there may be something. Of several who poll, the last is woken; those who await a `read` are woken besides.
    ///
    /// # Errors
    /// As for `read`.
    pub fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.socket.poll_read(cx, &mut [IoSliceMut::new(buf)])
    }

    /// As [`poll_read`](Self::poll_read), into several pieces with one call of the system.
    ///
    /// # Errors
    /// As for `read`.
    pub fn poll_read_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_read(cx, bufs)
    }

    /// As [`poll_read`](Self::poll_read), into memory that is initialized as far as this says (RECEIVED).
    #[cfg(any(feature = "tokio-io", feature = "hyper"))]
    pub(crate) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [MaybeUninit<u8>],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_receive(cx, buf)
    }
}

impl<K: Kind> fmt::Debug for ReadHalf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::describe(f, K::NAMES[1], &self.socket)
    }
}

impl<K: Kind> ErrorType for ReadHalf<K> {
    type Error = io::Error;
}

/// # Cancel safety
/// A read that is dropped before it was ready has taken no byte. `read_exact` is several reads.
///
/// # Allocation
/// None, unless several tasks wait for the same connection, or more bytes are there than fit: up to 8 KiB more are kept
/// for the next read, until that takes them.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
impl<K: Kind> Read for ReadHalf<K> {
    fn read(&mut self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        self.socket.read(buf)
    }

    fn read_exact(&mut self, buf: &mut [u8]) -> impl Future<Output = Result<(), ReadExactError<io::Error>>> {
        self.socket.read_exact(buf)
    }
}
