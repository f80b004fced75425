use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll};

use embedded_io_async::{ErrorType, Write, WriteReady};
use everloop_core::net::ConnectionWriter;
use smoltcp::socket::tcp::State;

use super::error::Error;
use super::slot::Half;
use super::stack::Stack;

/// The half of a [`TcpConnection`](super::TcpConnection) to write to.
///
/// What is written is sent in the background, at the runner's next turn, however little it is (as with asyncio, the
/// algorithm of Nagle is off). There is no need to flush.
pub struct TcpWriter {
    stack: Stack,
    index: usize,
}

impl TcpWriter {
    pub(super) fn new(stack: Stack, index: usize) -> Self {
        Self { stack, index }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize, Error>> {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let (slot, socket) = interface.connection(self.index);
        if let Some(fault) = slot.fault() {
            return Poll::Ready(Err(fault));
        }
        if slot.eof {
            return Poll::Ready(Err(Error::WriteAfterEof));
        }
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        match socket.send_slice(buf) {
            Ok(0) => {
                socket.register_send_waker(cx.waker());
                Poll::Pending
            }
            Ok(written) => {
                interface.touch();
                Poll::Ready(Ok(written))
            }
            Err(_) => Poll::Ready(Err(Error::NotConnected)),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let (slot, socket) = interface.connection(self.index);
        if let Some(fault) = slot.fault() {
            return Poll::Ready(Err(fault));
        }
        let end_under_way = matches!(socket.state(), State::FinWait1 | State::Closing | State::LastAck);
        if socket.send_queue() > 0 || end_under_way {
            socket.register_send_waker(cx.waker());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl ErrorType for TcpWriter {
    type Error = Error;
}

impl Write for TcpWriter {
    /// Takes as much as there is room for, once there is some. At least one byte, unless `buf` is empty.
    ///
    /// # Errors
    /// The connection was reset, by either side, the peer does not answer, or the stream was ended.
    ///
    /// # Cancel safety
    /// A future that is dropped has written nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        poll_fn(|cx| self.poll_write(cx, buf)).await
    }

    /// Waits until the peer has acknowledged everything, after [`write_eof`](ConnectionWriter::write_eof) also the end.
    ///
    /// # Errors
    /// As [`write`](Self::write): then it is not known how much the peer has received.
    ///
    /// # Cancel safety
    /// May be called again after being dropped.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }
}

impl WriteReady for TcpWriter {
    fn write_ready(&mut self) -> Result<bool, Error> {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let (_, socket) = interface.connection(self.index);
        // After the end of the stream and a reset, a write does not wait either: it fails.
        Ok(socket.can_send() || !socket.may_send())
    }
}

impl ConnectionWriter for TcpWriter {
    /// Ends the stream after what was written. Returns at once; [`flush`](Write::flush) waits until the peer has it.
    ///
    /// # Errors
    /// The connection was reset, by either side, or the peer does not answer.
    ///
    /// # Cancel safety
    /// May be called again.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None.
    async fn write_eof(&mut self) -> Result<(), Error> {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let (slot, socket) = interface.connection(self.index);
        if let Some(fault) = slot.fault() {
            return Err(fault);
        }
        slot.eof = true;
        socket.close();
        interface.touch();
        Ok(())
    }

    fn abort(&mut self) {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let (slot, socket) = interface.connection(self.index);
        let gone = slot.abort(socket);
        interface.touch();
        drop(interface);
        if gone {
            self.stack.shared.gone.set();
        }
    }
}

impl Drop for TcpWriter {
    fn drop(&mut self) {
        self.stack.shared.drop_half(self.index, Half::Writer);
    }
}

impl fmt::Debug for TcpWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpWriter").field("connection", &self.index).finish()
    }
}
