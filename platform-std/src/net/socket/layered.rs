//! What a protocol that lies on a socket needs besides: there, each half of a stream may have to do both, read and write.

use std::io;
use std::task::{Context, Poll, ready};

use super::Socket;
use crate::net::kind::Kind;
use crate::reactor::Side;

impl<K: Kind> Socket<K> {
    /// As `read`, for the half that polls.
    pub(crate) fn poll_read_for(
        &self,
        cx: &mut Context<'_>,
        half: Side,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(self.io.poll_ready_for(cx, half, Side::Read, |io| self.read_now(io, buf)));
        Poll::Ready(self.after_read(result))
    }

    /// As `write`, for the half that polls; `op` brings the bytes, if there still are some.
    pub(crate) fn poll_write_for(
        &self,
        cx: &mut Context<'_>,
        half: Side,
        op: impl FnMut(&K::Io) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let result = ready!(self.io.poll_ready_for(cx, half, Side::Write, op));
        Poll::Ready(self.after_send(result))
    }

    /// Writes as soon as that does not block; `op` as above.
    pub(crate) async fn write_when_ready(
        &self,
        op: impl FnMut(&K::Io) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let result = self.io.when_ready(Side::Write, op).await;
        self.after_send(result)
    }

    /// Writes at once or not at all.
    pub(crate) fn try_write(&self, op: impl FnOnce(&K::Io) -> io::Result<usize>) -> io::Result<usize> {
        let result = self.io.with(op);
        self.after_send(result)
    }

    /// As `after_write`; but when it comes to write, there may be nothing left to send, and no byte is no error.
    fn after_send(&self, result: io::Result<usize>) -> io::Result<usize> {
        match result {
            Ok(0) => Ok(0),
            result => self.after_write(result),
        }
    }

    /// Has `goodbye` called before it is closed under its halves.
    pub(crate) fn on_close(&self, goodbye: impl FnOnce() + 'static) {
        self.goodbye.set(Some(Box::new(goodbye)));
    }

    pub(super) fn say_goodbye(&self) {
        if let Some(goodbye) = self.goodbye.take() {
            goodbye();
        }
    }

    /// Neither side has to be ready for this half any more.
    pub(crate) fn disarm(&self, half: Side) {
        self.io.disarm(half);
    }

    /// Who waits to write should look.
    pub(crate) fn wake_writer(&self) {
        self.io.fire(Side::Write);
    }

    /// Whether its server closed it under its halves.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }
}
