//! What reads from a socket. Futures of their own, since a connection that waits for input should be small.

use std::io::{self, IoSliceMut};
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use embedded_io_async::ReadExactError;

use super::Socket;
use crate::net::kind::{Io, Kind};
use crate::reactor::{Side, Waiter};

impl<K: Kind> Socket<K> {
    pub(in crate::net) fn read<'s, 'b>(&'s self, buf: &'b mut [u8]) -> Reading<'s, 'b, K> {
        Reading { socket: self, buf, waiter: self.io.waiter(Side::Read) }
    }

    pub(in crate::net) fn read_exact<'s, 'b>(&'s self, buf: &'b mut [u8]) -> ReadingExactly<'s, 'b, K> {
        ReadingExactly(self.read(buf))
    }

    /// As [`read`](Self::read), into several pieces with one call, and for traits that are polled: of those who poll, the
    /// last is woken.
    pub(in crate::net) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let result = ready!(self.io.poll_ready(cx, Side::Read, |io| match &mut *bufs {
            [buf] => self.read_now(io, buf),
            bufs => self.read_pieces(io, bufs),
        }));
        Poll::Ready(self.after_read(result))
    }

    /// As [`poll_read`](Self::poll_read), into memory that need not be initialized.
    ///
    /// Invariant **RECEIVED**: as many bytes at its beginning are initialized as this says.
    #[cfg(any(feature = "tokio-io", feature = "hyper"))]
    pub(in crate::net) fn poll_receive(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [MaybeUninit<u8>],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let result = ready!(self.io.poll_ready(cx, Side::Read, |io| self.receive_now(io, buf)));
        Poll::Ready(self.after_read(result))
    }

    /// One read, which may be of what earlier ones have left.
    pub(super) fn read_now(&self, io: &K::Io, buf: &mut [u8]) -> io::Result<usize> {
        self.io.read(io, buf, |io, bufs| match bufs {
            [buf] => io.read(buf),
            bufs => io.read_vectored(bufs),
        })
    }

    fn read_pieces(&self, io: &K::Io, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let of_rest = self.io.read_rest(|rest| {
            let mut left = rest;
            for buf in &mut *bufs {
                let (piece, further) = left.split_at(left.len().min(buf.len()));
                buf[..piece.len()].copy_from_slice(piece);
                left = further;
            }
            rest.len() - left.len()
        });
        if let Some(count) = of_rest {
            return Ok(count);
        }
        let room = bufs.iter().map(|buf| buf.len()).sum();
        let count = io.read_vectored(bufs)?;
        self.io.note_read(count, room);
        Ok(count)
    }

    #[cfg(any(feature = "tokio-io", feature = "hyper"))]
    fn receive_now(&self, io: &K::Io, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
        let of_rest = self.io.read_rest(|rest| {
            let count = rest.len().min(buf.len());
            buf[..count].write_copy_of_slice(&rest[..count]);
            count
        });
        if let Some(count) = of_rest {
            return Ok(count);
        }
        let count = io.receive(buf)?;
        self.io.note_read(count, buf.len());
        Ok(count)
    }

    /// What a read into some room means.
    pub(super) fn after_read(&self, result: io::Result<usize>) -> io::Result<usize> {
        let count = if self.closed.get() { 0 } else { result? };
        if count == 0 {
            self.ended.set(true);
        }
        Ok(count)
    }
}

/// Reads what there is, as soon as there is something.
pub(in crate::net) struct Reading<'s, 'b, K: Kind> {
    socket: &'s Socket<K>,
    buf: &'b mut [u8],
    waiter: Waiter<'s>,
}

impl<K: Kind> Future for Reading<'_, '_, K> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Self { socket, buf, waiter } = self.get_mut();
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let read = |io: &K::Io| socket.read_now(io, buf);
        let result = ready!(socket.io.poll_waiting(cx, waiter, Side::Read, read));
        Poll::Ready(socket.after_read(result))
    }
}

/// Reads until the buffer is full.
pub(in crate::net) struct ReadingExactly<'s, 'b, K: Kind>(Reading<'s, 'b, K>);

impl<K: Kind> Future for ReadingExactly<'_, '_, K> {
    type Output = Result<(), ReadExactError<io::Error>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let reading = &mut self.0;
        while !reading.buf.is_empty() {
            match ready!(Pin::new(&mut *reading).poll(cx)) {
                Ok(0) => return Poll::Ready(Err(ReadExactError::UnexpectedEof)),
                Ok(count) => reading.buf = &mut std::mem::take(&mut reading.buf)[count..],
                Err(error) => return Poll::Ready(Err(ReadExactError::Other(error))),
            }
        }
        Poll::Ready(Ok(()))
    }
}
