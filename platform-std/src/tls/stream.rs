use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
use std::mem::MaybeUninit;
use std::task::{Context, Poll};

use everloop_core::{StreamReader, StreamWriter};

use super::handle::Handle;
use super::{TlsError, TlsInfo, TlsReadHalf, TlsReader, TlsSocketInfo, TlsWriteHalf, TlsWriter};
use crate::net::{self, Kind, Tcp};
use crate::reactor::Side;

/// A connection with TLS on it, made by [`TlsConnector`](super::TlsConnector) or [`TlsAcceptor`](super::TlsAcceptor).
///
/// It is used like the [`StreamSocket`](crate::net::StreamSocket) below, with three things that TLS adds:
///
/// - What was written and the socket did not take at once, up to 64 KiB, is sent by a task. `flush` waits for that.
/// - A side ends by a message of TLS. If the connection ends without that, a read is the error
///   [`TlsError::Truncated`], of kind [`UnexpectedEof`](io::ErrorKind::UnexpectedEof): somebody may have cut it.
/// - An error of TLS ends both directions. What came before it can still be read.
///
/// Dropping it ends this side in good order. What the socket does not take at once is sent by that task, which goes on when
/// it is cancelled; if the peer takes nothing for as long as
/// [`shutdown_timeout`](super::TlsConnector::shutdown_timeout) says, the connection is reset.
pub struct TlsStream<K: Kind = Tcp> {
    handle: Handle<K>,
}

impl<K: Kind> TlsStream<K> {
    pub(super) fn new(handle: Handle<K>) -> Self {
        Self { handle }
    }

    /// The two halves, which may be used by different tasks of the loop.
    pub fn split(self) -> (TlsReadHalf<K>, TlsWriteHalf<K>) {
        (TlsReadHalf::new(self.handle.clone()), TlsWriteHalf::new(self.handle))
    }

    /// The stream of two halves.
    ///
    /// # Errors
    /// [`TlsError::TwoConnections`].
    pub fn reunite(reader: TlsReadHalf<K>, writer: TlsWriteHalf<K>) -> Result<Self, TlsError> {
        let (handle, other) = (reader.into_handle(), writer.into_handle());
        if !handle.is_of_one(&other) {
            return Err(TlsError::TwoConnections);
        }
        Ok(Self { handle })
    }

    /// A buffered reader and a buffered writer of this connection. No line that is read may be longer than `limit` bytes,
    /// its end not counted.
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn buffered(self, limit: usize) -> (TlsReader<K>, TlsWriter<K>) {
        let info = TlsSocketInfo::new(self.handle.socket(), self.handle.info().clone());
        let (reader, writer) = self.split();
        (StreamReader::with_limit(reader, limit), StreamWriter::with_info(writer, info))
    }

    /// What the handshake came to.
    pub fn info(&self) -> &TlsInfo {
        self.handle.info()
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// The operating system's, among others when the peer has reset the connection.
    pub fn peer_addr(&self) -> io::Result<K::Addr> {
        self.handle.socket().peer_addr()
    }

    /// The address of this end.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<K::Addr> {
        self.handle.socket().local_addr()
    }

    /// Has all that is sent from now on kept secret by new keys, and asks the peer to do so, too. TLS does it by itself
    /// before keys are worn out.
    ///
    /// # Errors
    /// The version is not 1.3.
    pub fn refresh_traffic_keys(&self) -> Result<(), TlsError> {
        self.handle.refresh_traffic_keys().map_err(TlsError::Protocol)
    }

    /// As `read`, for futures and traits that are written by hand. Of several who poll, the last is woken.
    ///
    /// # Errors
    /// As for `read`.
    pub fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.handle.poll_read(cx, buf)
    }

    /// As [`poll_read`](Self::poll_read), into the first of several pieces that has room.
    ///
    /// # Errors
    /// As for `read`.
    pub fn poll_read_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        match bufs.iter_mut().find(|buf| !buf.is_empty()) {
            Some(buf) => self.poll_read(cx, buf),
            None => Poll::Ready(Ok(0)),
        }
    }

    /// As [`poll_read`](Self::poll_read), into memory that is initialized as far as this says (RECEIVED).
    #[cfg(any(feature = "tokio-io", feature = "hyper"))]
    pub(crate) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [MaybeUninit<u8>],
    ) -> Poll<io::Result<usize>> {
        self.handle.poll_receive_plain(cx, buf)
    }

    /// As `write`, for futures and traits that are written by hand. Of several who poll, the last is woken.
    ///
    /// # Errors
    /// As for `write`.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.handle.poll_write(cx, &[IoSlice::new(buf)])
    }

    /// As [`poll_write`](Self::poll_write), of several pieces.
    ///
    /// # Errors
    /// As for `write`.
    pub fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.handle.poll_write(cx, bufs)
    }

    /// As `flush`, for futures and traits that are written by hand.
    ///
    /// # Errors
    /// As for `flush`.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.handle.poll_flush(cx)
    }

    /// As `write_eof`, for futures and traits that are written by hand; without its time limit.
    ///
    /// # Errors
    /// As for `write_eof`.
    pub fn poll_write_eof(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.handle.poll_end(cx)
    }

    /// Ends this side, waits until the peer has ended its own, and closes the connection: then the peer has read all
    /// that was written. What the peer sends meanwhile is thrown away. asyncio's `close` and `wait_closed`.
    ///
    /// # Errors
    /// As for `write` and `read`, and [`TlsError::ShutdownTimeout`] if the peer does not end in time; then the connection
    /// was reset.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it goes on as if the stream had been dropped.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn shutdown(self) -> Result<(), TlsError> {
        self.handle.end().await.map_err(TlsError::from_io)?;
        self.handle.drain(Side::Read).await.map_err(TlsError::from_io)
    }

    /// Resets the connection: what was not sent yet is lost and the peer sees an error.
    pub fn abort(self) {
        self.handle.socket().abort();
    }
}

impl<K: Kind> fmt::Debug for TlsStream<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        net::describe(f, "TlsStream", self.handle.socket())
    }
}
