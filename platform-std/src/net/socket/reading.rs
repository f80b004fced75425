//! What reads from a socket. Futures of their own, since a connection that waits for input should be small.

use std::io::{self, IoSliceMut};
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use embedded_io_async::ReadExactError;

use super::Socket;
use crate::net::kind::{Got, Io, Kind};
use crate::reactor::{Key, Side};

/// So many pieces are read into with one call at most: more than the system takes would count as room that a read leaves.
const PIECES_AT_ONCE: usize = 256;

impl<K: Kind> Socket<K> {
    pub(in crate::net) fn read<'s, 'b>(&'s self, buf: &'b mut [u8]) -> Reading<'s, 'b, K> {
        Reading { socket: self, buf, key: Key::default() }
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
        let Some(first) = bufs.iter().position(|buf| !buf.is_empty()) else { return Poll::Ready(Ok(0)) };
        let end = bufs.len().min(first + PIECES_AT_ONCE);
        let bufs = &mut bufs[first..end];
        let result = ready!(self.io.poll_ready(cx, Side::Read, |io| match &mut *bufs {
            [buf] => self.read_now(io, &mut **buf),
            bufs => self.read_now(io, bufs),
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
        let result = ready!(self.io.poll_ready(cx, Side::Read, |io| self.read_now(io, &mut *buf)));
        Poll::Ready(self.after_read(result))
    }

    /// One read, which may be of what earlier ones have left.
    pub(super) fn read_now<T: Target + ?Sized>(&self, io: &K::Io, target: &mut T) -> io::Result<usize> {
        if let Some(count) = self.io.read_rest(|rest| target.fill(rest)) {
            return Ok(count);
        }
        let room = target.room();
        if self.io.reads_beyond(room) {
            return self.io.read_beyond(
                |scratch| {
                    let room = scratch.len();
                    self.note(io.read(&mut [IoSliceMut::new(scratch)])?, room)
                },
                |bytes| target.fill(bytes),
            );
        }
        self.note(target.read(io)?, room)
    }

    /// Takes note of what a read has got that had so much room.
    fn note(&self, got: Got, room: usize) -> io::Result<usize> {
        // None at all is the end, which stays.
        if !got.was_cut && (1..room).contains(&got.count) {
            self.io.note_short_read();
        }
        Ok(got.count)
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

/// Where a read goes to.
pub(super) trait Target {
    /// How many bytes it has room for.
    fn room(&self) -> usize;

    /// Copies as many as there is room for, and says how many.
    fn fill(&mut self, bytes: &[u8]) -> usize;

    /// Reads into it.
    fn read(&mut self, io: &impl Io) -> io::Result<Got>;
}

impl Target for [u8] {
    fn room(&self) -> usize {
        self.len()
    }

    fn fill(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.len());
        self[..count].copy_from_slice(&bytes[..count]);
        count
    }

    fn read(&mut self, io: &impl Io) -> io::Result<Got> {
        io.read(&mut [IoSliceMut::new(self)])
    }
}

impl Target for [IoSliceMut<'_>] {
    fn room(&self) -> usize {
        self.iter().map(|buf| buf.len()).sum()
    }

    fn fill(&mut self, bytes: &[u8]) -> usize {
        self.iter_mut().fold(0, |count, buf| count + Target::fill(&mut **buf, &bytes[count..]))
    }

    fn read(&mut self, io: &impl Io) -> io::Result<Got> {
        io.read(self)
    }
}

#[cfg(any(feature = "tokio-io", feature = "hyper"))]
impl Target for [MaybeUninit<u8>] {
    fn room(&self) -> usize {
        self.len()
    }

    fn fill(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.len());
        for (to, from) in self.iter_mut().zip(bytes) {
            to.write(*from);
        }
        count
    }

    fn read(&mut self, io: &impl Io) -> io::Result<Got> {
        io.receive(self)
    }
}

/// Reads what there is, as soon as there is something.
pub(in crate::net) struct Reading<'s, 'b, K: Kind> {
    socket: &'s Socket<K>,
    buf: &'b mut [u8],
    key: Key,
}

impl<K: Kind> Future for Reading<'_, '_, K> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Self { socket, buf, key } = self.get_mut();
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let read = |io: &K::Io| socket.read_now(io, &mut **buf);
        let result = ready!(socket.io.poll_at(cx, Side::Read, key, read));
        Poll::Ready(socket.after_read(result))
    }
}

impl<K: Kind> Drop for Reading<'_, '_, K> {
    fn drop(&mut self) {
        self.socket.io.leave(Side::Read, &self.key);
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
