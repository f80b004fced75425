use std::cell::{Cell, OnceCell, RefCell};
use std::future::poll_fn;
use std::io::{self, IoSlice, Write};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use everloop_core::{Duration, wait_for};
use rustls::Connection;

use super::sender::Sender;
use super::state::State;
use super::{TlsError, TlsInfo};
use crate::net::{Io, Kind, Socket};
use crate::reactor::Side;

/// So many bytes are read from a socket at once: the longest record.
const READ: usize = 16 * 1024;

/// TLS on a socket, which the two halves of a stream share.
///
/// Each half may have to do both, read from the socket and write to it, and has a place to wait on either side for that.
/// `state` is borrowed for a step of rustls', with no waker cloned, woken or dropped and nothing awaited meanwhile.
pub(super) struct Session<K: Kind> {
    socket: Rc<Socket<K>>,
    state: RefCell<State>,
    info: OnceCell<TlsInfo>,
    shutdown_timeout: Duration,
    /// How many bytes the socket has taken.
    sent: Cell<u64>,
    /// Sends what a write has left.
    sender: Sender,
    /// Why that could not go on.
    unsent: Cell<Option<io::Error>>,
    owners: Cell<usize>,
}

impl<K: Kind> Session<K> {
    /// Begins with what was received of the connection already.
    pub(super) fn new(
        socket: Rc<Socket<K>>,
        conn: Connection,
        received: Vec<u8>,
        shutdown_timeout: Duration,
    ) -> Self {
        Self {
            socket,
            state: RefCell::new(State::new(conn, received)),
            info: OnceCell::new(),
            shutdown_timeout,
            sent: Cell::new(0),
            sender: Sender::new(),
            unsent: Cell::new(None),
            owners: Cell::new(0),
        }
    }

    pub(super) fn socket(&self) -> &Rc<Socket<K>> {
        &self.socket
    }

    /// What the handshake came to.
    pub(super) fn info(&self) -> &TlsInfo {
        self.info.get_or_init(|| TlsInfo::of(self.state.borrow().connection()))
    }

    pub(super) fn refresh_traffic_keys(&self) -> Result<(), rustls::Error> {
        self.state.borrow_mut().connection_mut().refresh_traffic_keys()
    }

    /// Goes on until both sides are sure of each other.
    pub(super) async fn handshake(&self) -> Result<(), TlsError> {
        poll_fn(|cx| {
            let polled = self.poll_handshake(cx);
            if polled.is_ready() {
                self.socket.disarm(Side::Read);
            }
            polled
        })
        .await
    }

    fn poll_handshake(&self, cx: &mut Context<'_>) -> Poll<Result<(), TlsError>> {
        loop {
            let sent = self.poll_send(cx, Side::Read);
            if let Some(error) = self.failure() {
                return Poll::Ready(Err(TlsError::Protocol(error)));
            }
            if !self.state.borrow().is_handshaking() {
                return sent.map_err(TlsError::Io);
            }
            if self.state.borrow_mut().receive_rest() {
                continue;
            }
            match ready!(self.poll_receive(cx, Side::Read)) {
                Ok(1..) => {}
                // What the peer said before it went says more than that it is gone.
                _ if self.failure().is_some() => {}
                Ok(0) => {
                    return Poll::Ready(Err(match sent {
                        Poll::Ready(Err(error)) => TlsError::Io(error),
                        _ => TlsError::Closed,
                    }));
                }
                Err(error) => return Poll::Ready(Err(TlsError::Io(error))),
            }
        }
    }

    fn failure(&self) -> Option<rustls::Error> {
        self.state.borrow().failure().cloned()
    }

    /// Reads what the peer has written. For the half to read from.
    pub(super) fn poll_read(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.poll_read_for(cx, Side::Read, buf)
    }

    /// The same, into memory that may not be initialized.
    ///
    /// Invariant **RECEIVED**: as many bytes at its beginning are initialized as this says.
    #[cfg(any(feature = "tokio-io", feature = "hyper"))]
    pub(super) fn poll_receive_plain(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [std::mem::MaybeUninit<u8>],
    ) -> Poll<io::Result<usize>> {
        // rustls copies into bytes that are there. These are as many as a record may have.
        let mut plain = [0; READ];
        let room = buf.len().min(READ);
        let count = ready!(self.poll_read(cx, &mut plain[..room]))?;
        for (to, from) in buf.iter_mut().zip(&plain[..count]) {
            to.write(*from);
        }
        Poll::Ready(Ok(count))
    }

    /// Reads, for either half.
    fn poll_read_for(&self, cx: &mut Context<'_>, half: Side, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let polled = self.poll_read_armed(cx, half, buf);
        if polled.is_ready() {
            self.socket.disarm(half);
        }
        polled
    }

    fn poll_read_armed(&self, cx: &mut Context<'_>, half: Side, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut unsent = None;
        loop {
            let read = self.state.borrow_mut().read(buf);
            if let Some(result) = read {
                return Poll::Ready(match (result, unsent) {
                    // Its server closed the connection: that is its end on this side.
                    (Err(_), _) if self.socket.is_closed() => Ok(0),
                    // That explains why there was nothing more.
                    (Err(error), Some(unsent)) if error.kind() == io::ErrorKind::UnexpectedEof => Err(unsent),
                    (result, _) => result,
                });
            }
            // An answer of TLS itself, or what a write has left. What keeps it from being sent keeps nothing from being
            // read.
            if let Poll::Ready(Err(error)) = self.poll_send(cx, half) {
                unsent = Some(error);
            }
            ready!(self.poll_receive(cx, half))?;
            if self.failure().is_some() {
                // The alert that says so; and who waits to write should know.
                let _ = self.poll_send(cx, half);
                self.socket.wake_writer();
            }
        }
    }

    /// Receives something from the socket; 0 is its end.
    fn poll_receive(&self, cx: &mut Context<'_>, half: Side) -> Poll<io::Result<usize>> {
        let mut received = [0; READ];
        let count = ready!(self.socket.poll_read_for(cx, half, &mut received))?;
        self.state.borrow_mut().receive(&received[..count]);
        Poll::Ready(Ok(count))
    }

    /// Sends all that waits.
    fn poll_send(&self, cx: &mut Context<'_>, half: Side) -> Poll<io::Result<()>> {
        if let Some(error) = self.unsent.take() {
            return Poll::Ready(Err(error));
        }
        while self.state.borrow().wants_write() {
            ready!(self.socket.poll_write_for(cx, half, |io| self.send(io)))?;
        }
        Poll::Ready(Ok(()))
    }

    fn send(&self, io: &K::Io) -> io::Result<usize> {
        let count = self.state.borrow_mut().send(&mut Raw(io))?;
        self.sent.set(self.sent.get().wrapping_add(count as u64));
        Ok(count)
    }

    /// Takes bytes to send as soon as all those from before are sent, and sends what it can at once. For the half to
    /// write to.
    pub(super) fn poll_write(
        self: &Rc<Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let polled = self.poll_write_armed(cx, bufs);
        if polled.is_ready() {
            self.socket.disarm(Side::Write);
        }
        polled
    }

    fn poll_write_armed(
        self: &Rc<Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.state.borrow().check_writable()?;
        ready!(self.poll_send(cx, Side::Write))?;
        let count = self.state.borrow_mut().write(bufs)?;
        match self.poll_send(cx, Side::Write) {
            Poll::Ready(sent) => Poll::Ready(sent.map(|()| count)),
            Poll::Pending => {
                // A socket's own buffer is sent by the system, whatever the program does then; so is this.
                self.sender.go_on(self);
                Poll::Ready(Ok(count))
            }
        }
    }

    /// Sends all that was taken.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let sent = self.poll_send(cx, Side::Write);
        if sent.is_ready() {
            self.socket.disarm(Side::Write);
        }
        sent
    }

    /// Sends all that was taken, then the end.
    pub(super) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.state.borrow_mut().end();
        ready!(self.poll_flush(cx))?;
        self.socket.poll_write_eof()
    }

    /// As [`poll_end`](Self::poll_end); resets the connection if the peer takes nothing for too long.
    pub(super) async fn end(&self) -> io::Result<()> {
        self.while_it_goes_on(async || poll_fn(|cx| self.poll_end(cx)).await).await
    }

    /// Throws away what comes until the peer has ended, too, for the half that waits for that. An end that was cut is as
    /// good as any other, since nothing can be missed of what is thrown away.
    pub(super) async fn drain(&self, half: Side) -> io::Result<()> {
        let limit = self.shutdown_timeout;
        let drained = wait_for(
            async {
                let mut scrap = [0; 1024];
                loop {
                    match poll_fn(|cx| self.poll_read_for(cx, half, &mut scrap))
                        .await
                        .map_err(TlsError::from_io)
                    {
                        Ok(1..) => {}
                        Ok(0) | Err(TlsError::Truncated) => return Ok(()),
                        Err(error) => return Err(error.into()),
                    }
                }
            },
            limit,
        );
        drained.await.unwrap_or_else(|_timeout| Err(self.give_up()))
    }

    /// Does `op`, in which something is sent, unless the peer takes nothing of it for too long.
    async fn while_it_goes_on(&self, op: impl AsyncFn() -> io::Result<()>) -> io::Result<()> {
        loop {
            let before = self.sent.get();
            match wait_for(op(), self.shutdown_timeout).await {
                Ok(result) => return result,
                Err(_timeout) if self.sent.get() != before => {}
                Err(_timeout) => return Err(self.give_up()),
            }
        }
    }

    pub(super) fn give_up(&self) -> io::Error {
        self.socket.abort();
        TlsError::ShutdownTimeout(self.shutdown_timeout).into()
    }

    pub(super) fn sender(&self) -> &Sender {
        &self.sender
    }

    /// How many streams and halves there are.
    pub(super) fn owners(&self) -> &Cell<usize> {
        &self.owners
    }

    /// Sends the end in good order, after the last half was dropped. What the socket does not take at once a task sends.
    pub(super) fn let_go(self: &Rc<Self>) {
        if self.end_now().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
            self.sender.go_on(self);
        }
    }

    /// Sends the end as far as the socket takes it at once.
    pub(super) fn end_now(&self) -> io::Result<()> {
        self.state.borrow_mut().end();
        while self.state.borrow().wants_write() {
            match self.socket.try_write(|io| self.send(io)) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Sends all that waits; for the task that does so beside the halves.
    pub(super) async fn send_all(&self) {
        while self.state.borrow().wants_write() {
            if let Err(error) = self.socket.write_when_ready(|io| self.send(io)).await {
                // For whoever writes next.
                self.unsent.set(Some(error));
                return;
            }
        }
    }

    /// How many bytes the socket has taken, and for how long it may take none when it ends.
    pub(super) fn progress(&self) -> (u64, Duration) {
        (self.sent.get(), self.shutdown_timeout)
    }
}

/// mio's stream as rustls writes to it.
struct Raw<'a, I>(&'a I);

impl<I: Io> Write for Raw<'_, I> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        some(self.0.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        some(self.0.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// rustls writes only what is there, so a socket that takes none of it would be asked for ever.
fn some(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Ok(0) => Err(io::ErrorKind::WriteZero.into()),
        result => result,
    }
}
