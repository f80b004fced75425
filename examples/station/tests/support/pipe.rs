//! One direction of a connection: a bounded buffer with a half to write and a half to read.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use embedded_io::ErrorKind;
use embedded_io_async::{ErrorType, Read, Write};
use everloop_core::net::ConnectionWriter;

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    capacity: usize,
    /// Nothing more will be written.
    ended: bool,
    /// Nothing more will be read.
    deaf: bool,
    reset: bool,
    /// Never empty, whatever is read.
    endless: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl State {
    fn wake(&mut self) {
        self.reader.take().into_iter().chain(self.writer.take()).for_each(Waker::wake);
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, target: &mut [u8]) -> Poll<Result<usize, ErrorKind>> {
        if self.reset {
            return Poll::Ready(Err(ErrorKind::ConnectionReset));
        }
        if self.endless && !self.ended {
            target.fill(b'A');
            return Poll::Ready(Ok(target.len()));
        }
        if self.bytes.is_empty() && !self.ended {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let count = target.len().min(self.bytes.len());
        for (byte, value) in target.iter_mut().zip(self.bytes.drain(..count)) {
            *byte = value;
        }
        self.wake();
        Poll::Ready(Ok(count))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<Result<usize, ErrorKind>> {
        if self.reset || self.deaf {
            return Poll::Ready(Err(ErrorKind::ConnectionReset));
        }
        let count = data.len().min(self.capacity - self.bytes.len());
        if count == 0 && !data.is_empty() {
            self.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        self.bytes.extend(&data[..count]);
        self.wake();
        Poll::Ready(Ok(count))
    }
}

/// A pipe that holds up to `capacity` bytes.
pub fn pipe(capacity: usize) -> (Source, Sink) {
    let state = Rc::new(RefCell::new(State { capacity, ..State::default() }));
    (Source(state.clone()), Sink(state))
}

pub struct Source(Rc<RefCell<State>>);
pub struct Sink(Rc<RefCell<State>>);

impl Sink {
    /// From here on there is always more to read.
    pub fn flood(&self) {
        self.0.borrow_mut().endless = true;
        self.0.borrow_mut().wake();
    }
}

impl ErrorType for Source {
    type Error = ErrorKind;
}

impl ErrorType for Sink {
    type Error = ErrorKind;
}

impl Read for Source {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        poll_fn(|cx| self.0.borrow_mut().poll_read(cx, target)).await
    }
}

impl Write for Sink {
    async fn write(&mut self, data: &[u8]) -> Result<usize, ErrorKind> {
        poll_fn(|cx| self.0.borrow_mut().poll_write(cx, data)).await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl ConnectionWriter for Sink {
    async fn write_eof(&mut self) -> Result<(), ErrorKind> {
        self.0.borrow_mut().ended = true;
        self.0.borrow_mut().wake();
        Ok(())
    }

    fn abort(&mut self) {
        self.0.borrow_mut().reset = true;
        self.0.borrow_mut().wake();
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.0.borrow_mut().deaf = true;
        self.0.borrow_mut().wake();
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.0.borrow_mut().ended = true;
        self.0.borrow_mut().wake();
    }
}
