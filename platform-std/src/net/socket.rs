#[cfg(feature = "tls")]
mod layered;

use std::cell::Cell;
use std::io::{self, IoSlice, IoSliceMut};
#[cfg(any(feature = "tokio-io", feature = "hyper"))]
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use mio::Interest;
use socket2::{SockAddr, SockRef, Socket as RawSocket};

use super::kind::{Io, Kind};
use super::server::Member;
use crate::reactor::{self, Registered, Side};

/// So much unread input is thrown away at most when a socket is dropped.
const DRAIN_AT_MOST: usize = 1 << 20;

/// So many pieces are written with one call at most.
const PIECES_AT_ONCE: usize = 16;

/// Both directions, and on Linux urgent data, at which reads stop short.
const INTEREST: Interest = {
    let both = Interest::READABLE.add(Interest::WRITABLE);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let both = both.add(Interest::PRIORITY);
    both
};

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

/// Begins to connect. It may be under way when this returns.
pub(super) fn begin_to_connect(socket: &RawSocket, address: &SockAddr) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    match socket.connect(address) {
        Err(error) if is_under_way(&error) => Ok(()),
        result => result,
    }
}

#[cfg(unix)]
fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS)
}

#[cfg(not(unix))]
fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
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

/// A connected socket, which the two halves of a stream share.
pub(crate) struct Socket<K: Kind> {
    io: Registered<K::Io>,
    /// Whether the peer's end of the stream was read.
    ended: Cell<bool>,
    /// Whether it was closed in good order under its halves.
    closed: Cell<bool>,
    /// Last, so that its server is told when it is closed.
    member: Cell<Option<Member<K>>>,
    /// What a protocol that lies on it has to say before it closes.
    #[cfg(feature = "tls")]
    goodbye: Cell<Option<Box<dyn FnOnce()>>>,
}

impl<K: Kind> Socket<K> {
    /// Registers a connection with the reactor of the listener it came from, or of the running loop.
    pub(super) fn new(driver: Rc<reactor::Driver>, io: K::Io) -> io::Result<Self> {
        Ok(Self {
            io: Registered::new(driver, io, INTEREST)?,
            ended: Cell::new(false),
            closed: Cell::new(false),
            member: Cell::new(None),
            #[cfg(feature = "tls")]
            goodbye: Cell::new(None),
        })
    }

    /// It is a client of a server until it is closed.
    pub(super) fn belong_to(&self, member: Member<K>) {
        self.member.set(Some(member));
    }

    /// Waits until the connection that was begun is there.
    pub(super) async fn connected(&self) -> io::Result<()> {
        self.io
            .when_ready(Side::Write, |io| {
                if let Some(error) = io.take_error()? {
                    return Err(error);
                }
                match io.peer_addr() {
                    Ok(_) => Ok(()),
                    // Neither failed nor connected: under way.
                    Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                        Err(io::ErrorKind::WouldBlock.into())
                    }
                    Err(error) => Err(error),
                }
            })
            .await
    }

    pub(super) async fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let result = self.io.when_ready(Side::Read, |io| io.read(buf)).await;
        self.after_read(buf.len(), result)
    }

    /// As [`read`](Self::read), into several pieces with one call, and for traits that are polled: of those who poll, the
    /// last is woken.
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let room = bufs.iter().map(|buf| buf.len()).sum();
        if room == 0 {
            return Poll::Ready(Ok(0));
        }
        let result = ready!(self.io.poll_ready(cx, Side::Read, |io| match &mut *bufs {
            [buf] => io.read(buf),
            bufs => io.read_vectored(bufs),
        }));
        Poll::Ready(self.after_read(room, result))
    }

    /// As [`poll_read`](Self::poll_read), into memory that need not be initialized.
    ///
    /// Invariant **RECEIVED**: as many bytes at its beginning are initialized as this says.
    #[cfg(any(feature = "tokio-io", feature = "hyper"))]
    pub(super) fn poll_receive(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [MaybeUninit<u8>],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let result = ready!(self.io.poll_ready(cx, Side::Read, |io| io.receive(buf)));
        Poll::Ready(self.after_read(buf.len(), result))
    }

    /// What a read into so many bytes means.
    fn after_read(&self, room: usize, result: io::Result<usize>) -> io::Result<usize> {
        let count = if self.closed.get() { 0 } else { result? };
        if count == 0 {
            self.ended.set(true);
        } else if count < room {
            self.io.note_short_read();
        }
        Ok(count)
    }

    pub(super) async fn write(&self, buf: &[u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        let result = self.io.when_ready(Side::Write, |io| io.write(buf)).await;
        self.after_write(result)
    }

    /// As [`write`](Self::write), of several pieces in one call.
    pub(super) async fn write_vectored(&self, pieces: &[&[u8]]) -> io::Result<usize> {
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
    pub(super) fn poll_write(&self, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
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
    fn after_write(&self, result: io::Result<usize>) -> io::Result<usize> {
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

    pub(crate) fn peer_addr(&self) -> io::Result<K::Addr> {
        self.io.with(Io::peer_addr)
    }

    pub(crate) fn local_addr(&self) -> io::Result<K::Addr> {
        self.io.with(Io::local_addr)
    }

    /// Asks for an option of the socket, or sets one.
    pub(super) fn options<T>(&self, f: impl FnOnce(SockRef<'_>) -> io::Result<T>) -> io::Result<T> {
        self.io.with(|io| f(io.options()))
    }

    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if self.closed.get() {
            // That was the end in both directions.
            return Ok(());
        }
        self.io.with(|io| io.shutdown(how))?;
        // Not every system makes an event of it.
        if how != Shutdown::Write {
            self.io.finish(Side::Read);
        }
        if how != Shutdown::Read {
            self.io.finish(Side::Write);
        }
        Ok(())
    }

    /// The end of what is written, for traits that are polled.
    pub(crate) fn poll_write_eof(&self) -> Poll<io::Result<()>> {
        Poll::Ready(match self.shutdown(Shutdown::Write) {
            // The connection has come to its end by itself, and that is what is asked for.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        })
    }

    /// Resets the connection, also under the other half.
    pub(crate) fn abort(&self) {
        // Closed with a linger time of zero, a connection is reset. Where that is refused (the peer was faster)
        // there is nothing left to reset.
        let _ = self.options(|socket| socket.set_linger(Some(Duration::ZERO)));
        self.io.close();
        drop(self.member.take());
    }

    /// Closes the connection in good order, also under its halves: they read the end, and what they write is an error.
    pub(crate) fn close(&self) {
        #[cfg(feature = "tls")]
        self.say_goodbye();
        self.drain();
        self.closed.set(true);
        self.io.close();
        drop(self.member.take());
    }

    /// Throws away input that nobody will read. A close with unread input in the kernel is a reset, which would
    /// take with it what was written and is still under way.
    fn drain(&self) {
        // Mostly it is known that there is none.
        if self.ended.get() || !self.io.may_be_ready(Side::Read) {
            return;
        }
        let mut scratch = [0; 8192];
        let mut left = DRAIN_AT_MOST;
        let _ = self.io.with(|io| {
            loop {
                match io.read(&mut scratch)? {
                    0 => return Ok(()),
                    count if count >= left => return Ok(()),
                    count => left -= count,
                }
            }
        });
    }
}

impl<K: Kind> Drop for Socket<K> {
    fn drop(&mut self) {
        self.drain();
    }
}
