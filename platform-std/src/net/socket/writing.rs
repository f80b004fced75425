//! What writes to a socket. Futures of their own, for the same reason as those that read.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::Socket;
use crate::net::kind::{Io, Kind};
use crate::reactor::{Key, Side};

/// So many pieces are written with one call at most.
const PIECES_AT_ONCE: usize = 16;

/// As many of the pieces as are written at once, those that are empty left out, and how many that is.
pub(crate) fn io_slices<'a>(pieces: &[&'a [u8]]) -> ([IoSlice<'a>; PIECES_AT_ONCE], usize) {
    let mut slices = [IoSlice::new(&[]); PIECES_AT_ONCE];
    let mut count = 0;
    for (slice, piece) in slices.iter_mut().zip(pieces.iter().filter(|piece| !piece.is_empty())) {
        *slice = IoSlice::new(piece);
        count += 1;
    }
    (slices, count)
}

/// Whether this says that the end was written before, and is an error that the standard library has no kind for.
#[cfg(windows)]
fn is_shut_down(error: &io::Error) -> bool {
    error.raw_os_error() == Some(windows_sys::Win32::Networking::WinSock::WSAESHUTDOWN)
}

#[cfg(not(windows))]
fn is_shut_down(_: &io::Error) -> bool {
    false
}

impl<K: Kind> Socket<K> {
    pub(in crate::net) fn write<'s, 'b>(&'s self, buf: &'b [u8]) -> Writing<'s, 'b, K> {
        Writing { socket: self, buf, key: Key::default() }
    }

    pub(in crate::net) fn write_all<'s, 'b>(&'s self, buf: &'b [u8]) -> WritingAll<'s, 'b, K> {
        WritingAll(self.write(buf))
    }

    /// As [`write`](Self::write), of several pieces in one call.
    pub(in crate::net) async fn write_vectored(&self, pieces: &[&[u8]]) -> io::Result<usize> {
        let (slices, count) = io_slices(pieces);
        match &slices[..count] {
            [] => Ok(0),
            [piece] => self.write(piece).await,
            slices => {
                let result = self.io.when_ready(Side::Write, |io| io.write_vectored(slices)).await;
                self.after_write(result)
            }
        }
    }

    /// As [`write`](Self::write), of several pieces in one call, and for traits that are polled: of those who poll, the
    /// last is woken.
    pub(in crate::net) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let result = ready!(self.io.poll_ready(cx, Side::Write, |io| match bufs {
            [buf] => io.write(buf),
            bufs => io.write_vectored(bufs),
        }));
        Poll::Ready(self.after_write(result))
    }

    /// What a write of something means.
    pub(super) fn after_write(&self, result: io::Result<usize>) -> io::Result<usize> {
        match result {
            Err(_) if self.closed.get() => {
                Err(io::Error::new(io::ErrorKind::BrokenPipe, "its server closed the connection"))
            }
            // The trait's contract, on which loops like `write_all` build.
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            Err(error) if is_shut_down(&error) => Err(io::ErrorKind::BrokenPipe.into()),
            result => result,
        }
    }
}

/// Writes what is taken, as soon as some is.
pub(in crate::net) struct Writing<'s, 'b, K: Kind> {
    socket: &'s Socket<K>,
    buf: &'b [u8],
    key: Key,
}

impl<K: Kind> Future for Writing<'_, '_, K> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Self { socket, buf, key } = self.get_mut();
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let result = ready!(socket.io.poll_at(cx, Side::Write, key, |io| io.write(buf)));
        Poll::Ready(socket.after_write(result))
    }
}

impl<K: Kind> Drop for Writing<'_, '_, K> {
    fn drop(&mut self) {
        self.socket.io.leave(Side::Write, &self.key);
    }
}

/// Writes until all is taken.
pub(in crate::net) struct WritingAll<'s, 'b, K: Kind>(Writing<'s, 'b, K>);

impl<K: Kind> Future for WritingAll<'_, '_, K> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let writing = &mut self.0;
        while !writing.buf.is_empty() {
            let count = ready!(Pin::new(&mut *writing).poll(cx))?;
            writing.buf = &writing.buf[count..];
        }
        Poll::Ready(Ok(()))
    }
}
