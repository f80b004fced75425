use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll};

use embedded_io_async::{ErrorType, Read, ReadReady};
use smoltcp::socket::tcp::RecvError;

use super::error::Error;
use super::slot::Half;
use super::stack::Stack;

/// The half of a [`TcpConnection`](super::TcpConnection) to read from.
pub struct TcpReader {
    stack: Stack,
    index: usize,
}

impl TcpReader {
    pub(super) fn new(stack: Stack, index: usize) -> Self {
        Self { stack, index }
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<Result<usize, Error>> {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let (slot, socket) = interface.connection(self.index);
        if slot.fault() == Some(Error::Aborted) {
            return Poll::Ready(Err(Error::Aborted));
        }
        if buf.is_empty() || slot.is_shut() {
            return Poll::Ready(Ok(0));
        }
        // What came before a reset or a timeout can still be read.
        match socket.recv_slice(buf) {
            Ok(0) => {
                socket.register_recv_waker(cx.waker());
                Poll::Pending
            }
            Ok(read) => {
                // The peer may be waiting to hear of the room.
                interface.touch();
                Poll::Ready(Ok(read))
            }
            Err(RecvError::Finished) => Poll::Ready(Ok(0)),
            Err(RecvError::InvalidState) if slot.is_finished() => Poll::Ready(Ok(0)),
            Err(RecvError::InvalidState) => Poll::Ready(Err(slot.fault().unwrap_or(Error::NotConnected))),
        }
    }
}

impl ErrorType for TcpReader {
    type Error = Error;
}

impl Read for TcpReader {
    /// Reads what there is, once there is something: at least one byte, or none at the end of the stream.
    ///
    /// # Errors
    /// The connection was reset, by either side, or the peer does not answer; what came before is given first, unless
    /// it was this side.
    ///
    /// # Cancel safety
    /// A future that is dropped has read nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        poll_fn(|cx| self.poll_read(cx, buf)).await
    }
}

impl ReadReady for TcpReader {
    fn read_ready(&mut self) -> Result<bool, Error> {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let (slot, socket) = interface.connection(self.index);
        // At the end of the stream, and after a reset, a read does not wait either.
        Ok(socket.can_recv() || !socket.may_recv() || slot.is_shut())
    }
}

impl Drop for TcpReader {
    fn drop(&mut self) {
        self.stack.shared.drop_half(self.index, Half::Reader);
    }
}

impl fmt::Debug for TcpReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpReader").field("connection", &self.index).finish()
    }
}
