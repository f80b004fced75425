use std::fmt;
use std::io::{self, IoSliceMut};
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
use std::mem::MaybeUninit;
use std::task::{Context, Poll};

use super::TlsInfo;
use super::handle::Handle;
use crate::net::{self, Kind, Tcp};

/// The half of a [`TlsStream`](super::TlsStream) to read from.
///
/// The connection closes when both halves are dropped; dropping this one alone changes nothing for the peer.
pub struct TlsReadHalf<K: Kind = Tcp> {
    handle: Handle<K>,
}

impl<K: Kind> TlsReadHalf<K> {
    pub(super) fn new(handle: Handle<K>) -> Self {
        Self { handle }
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
}

impl<K: Kind> fmt::Debug for TlsReadHalf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        net::describe(f, "TlsReadHalf", self.handle.socket())
    }
}
