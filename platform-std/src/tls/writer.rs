use std::fmt;
use std::io::{self, IoSlice};
use std::task::{Context, Poll};

use super::handle::Handle;
use super::{TlsError, TlsInfo};
use crate::net::{self, Kind, Tcp};

/// The half of a [`TlsStream`](super::TlsStream) to write to.
///
/// The connection closes when both halves are dropped. Dropping this one alone does not end the stream: that is
/// what [`write_eof`](crate::net::ConnectionWriter::write_eof) is for.
pub struct TlsWriteHalf<K: Kind = Tcp> {
    handle: Handle<K>,
}

impl<K: Kind> TlsWriteHalf<K> {
    pub(super) fn new(handle: Handle<K>) -> Self {
        Self { handle }
    }

    pub(super) fn handle(&self) -> &Handle<K> {
        &self.handle
    }

    pub(super) fn into_handle(self) -> Handle<K> {
        self.handle
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
}

impl<K: Kind> fmt::Debug for TlsWriteHalf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        net::describe(f, "TlsWriteHalf", self.handle.socket())
    }
}
