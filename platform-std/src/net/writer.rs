use std::fmt;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::rc::Rc;
use std::task::{Context, Poll};

use embedded_io_async::{ErrorType, Write};
use everloop_core::net::ConnectionWriter;

use super::kind::Kind;
use super::socket::Socket;

/// The half of a [`StreamSocket`](super::StreamSocket) to write to.
///
/// The connection closes when both halves are dropped. Dropping this one alone does not end the stream: that is
/// what [`write_eof`](ConnectionWriter::write_eof) is for.
pub struct WriteHalf<K: Kind> {
    socket: Rc<Socket<K>>,
}

impl<K: Kind> WriteHalf<K> {
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
}

impl<K: Kind> fmt::Debug for WriteHalf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::describe(f, K::NAMES[2], &self.socket)
    }
}

impl<K: Kind> ErrorType for WriteHalf<K> {
    type Error = io::Error;
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
impl<K: Kind> Write for WriteHalf<K> {
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

/// `write_eof` and `close` are done at once. After `abort` both halves give errors of kind
/// [`ConnectionAborted`](io::ErrorKind::ConnectionAborted), also to whoever waits already.
impl<K: Kind> ConnectionWriter for WriteHalf<K> {
    async fn write_eof(&mut self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)
    }

    fn abort(&mut self) {
        self.socket.abort();
    }

    async fn write_vectored(&mut self, pieces: &[&[u8]]) -> io::Result<usize> {
        self.socket.write_vectored(pieces).await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.socket.close();
        Ok(())
    }
}
