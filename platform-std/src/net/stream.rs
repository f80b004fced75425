use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::rc::Rc;
use std::task::{Context, Poll};

use embedded_io_async::{ErrorType, Read, ReadExactError, Write};
use socket2::SockRef;

use super::kind::Kind;
use super::server::Clients;
use super::socket::Socket;
use super::{ReadHalf, WriteHalf};

/// A connection: [`TcpStream`](super::TcpStream), or on Unix also `UnixStream`.
///
/// Reads and writes are tried at once, and wait for the operating system's word only if they would block. A task
/// whose connection is always ready nevertheless lets the others run now and then.
///
/// Dropping it closes in good order: what was written is delivered by the kernel. Input that arrived and was not
/// read is thrown away before; input that arrives after makes the kernel reset the connection, as it would for any
/// program.
///
/// It belongs to the loop that made it and is not `Send`. Waiting for it in another loop is an error that says so.
pub struct StreamSocket<K: Kind> {
    socket: Rc<Socket<K>>,
}

impl<K: Kind> StreamSocket<K> {
    pub(super) fn new(socket: Socket<K>) -> Self {
        Self { socket: Rc::new(socket) }
    }

    /// Another handle of a socket.
    #[cfg(feature = "tls")]
    pub(crate) fn of(socket: Rc<Socket<K>>) -> Self {
        Self { socket }
    }

    /// Another handle of the same socket.
    pub(super) fn share(&self) -> Self {
        Self { socket: Rc::clone(&self.socket) }
    }

    pub(super) fn options<T>(&self, f: impl FnOnce(SockRef<'_>) -> io::Result<T>) -> io::Result<T> {
        self.socket.options(f)
    }

    /// Counts it among the clients of a server until it is closed.
    pub(super) fn join(&self, clients: &Rc<Clients<K>>) {
        clients.join(&self.socket);
    }

    /// Its socket, for a protocol that lies on it.
    #[cfg(feature = "tls")]
    pub(crate) fn into_socket(self) -> Rc<Socket<K>> {
        self.socket
    }

    /// The two halves, which may be used by different tasks of the loop.
    pub fn split(self) -> (ReadHalf<K>, WriteHalf<K>) {
        (ReadHalf::new(Rc::clone(&self.socket)), WriteHalf::new(self.socket))
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

    /// As `write`, for futures and traits that are written by hand: what can be written now, or pending, and then `cx` is
    /// woken when there may be room. Of several who poll, the last is woken; those who await a `write` are woken besides.
    ///
    /// # Errors
    /// As for `write`.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.socket.poll_write(cx, &[IoSlice::new(buf)])
    }

    /// As [`poll_write`](Self::poll_write), of several pieces with one call of the system.
    ///
    /// # Errors
    /// As for `write`.
    pub fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_write(cx, bufs)
    }

    /// As `flush`, for traits that are polled: what was written is the kernel's already.
    #[cfg(any(feature = "futures-io", feature = "hyper", feature = "tokio-io"))]
    pub(crate) fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// As `write_eof`, for traits that are polled: it is done at once, and need not wait. Where the connection has already
    /// come to its end in both directions there is nothing to do.
    ///
    /// # Errors
    /// The operating system's.
    pub fn poll_write_eof(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_write_eof()
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

impl<K: Kind> fmt::Debug for StreamSocket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::describe(f, K::NAMES[0], &self.socket)
    }
}

impl<K: Kind> ErrorType for StreamSocket<K> {
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
impl<K: Kind> Read for StreamSocket<K> {
    fn read(&mut self, buf: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        self.socket.read(buf)
    }

    fn read_exact(&mut self, buf: &mut [u8]) -> impl Future<Output = Result<(), ReadExactError<io::Error>>> {
        self.socket.read_exact(buf)
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
impl<K: Kind> Write for StreamSocket<K> {
    fn write(&mut self, buf: &[u8]) -> impl Future<Output = io::Result<usize>> {
        self.socket.write(buf)
    }

    fn write_all(&mut self, buf: &[u8]) -> impl Future<Output = io::Result<()>> {
        self.socket.write_all(buf)
    }

    async fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
