//! Who has the sink, and sends.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_io_async::ErrorType;

use super::inner::{End, Inner, Pieces};
use crate::net::ConnectionWriter;
use crate::{catch_cancel, current, try_create_eager_task};

/// So many pieces are given to the sink at once.
pub(super) const AT_ONCE: usize = 16;

/// To take so much keeps the system longer than most polls take.
const MUCH: usize = 128 * 1024;

/// The sink, from when it was taken until it is given back; and what is being sent.
///
/// All there is to know stands in here, so that a future of [`fly`](Self::fly) can be dropped and made anew at any time.
pub(super) struct Flight<W: ErrorType, I> {
    inner: Rc<Inner<W, I>>,
    /// None once it is closed.
    sink: Option<W>,
    hand: VecDeque<Vec<u8>>,
    /// So much of the first in the hand was sent.
    offset: usize,
    /// It is a task's, and no longer its maker's.
    under_way: bool,
}

impl<W: ErrorType, I> Flight<W, I> {
    /// Takes the sink, if nobody has it.
    pub(super) fn take_off(inner: &Rc<Inner<W, I>>) -> Option<Self> {
        let sink = inner.sink.take()?;
        Some(Self {
            inner: Rc::clone(inner),
            sink: Some(sink),
            hand: VecDeque::new(),
            offset: 0,
            under_way: false,
        })
    }

    /// Gives the sink back, with what was not sent.
    pub(super) fn land(&mut self) {
        let Some(sink) = self.sink.take() else { return };
        if self.offset > 0 {
            let first = self.hand.front_mut().expect("a piece that is partly sent");
            first.drain(..self.offset);
            self.offset = 0;
        }
        if !self.hand.is_empty() {
            // What was written meanwhile comes behind.
            let mut queue = self.inner.queue.borrow_mut();
            self.hand.append(&mut queue);
            core::mem::swap(&mut *queue, &mut self.hand);
        }
        self.inner.landed();
        let before = self.inner.sink.replace(Some(sink));
        debug_assert!(before.is_none());
    }
}

impl<W: ConnectionWriter + 'static, I: 'static> Flight<W, I> {
    /// Sends what can be sent without waiting.
    pub(super) fn write_now(&mut self, rest: &mut Pieces<'_>) -> Poll<()> {
        while let Some(sink) = &mut self.sink {
            let mut slices = [&[][..]; AT_ONCE];
            let count = fill(&mut slices, rest.iter());
            if count == 0 {
                return Poll::Ready(());
            }
            match poll_now(sink.write_vectored(&slices[..count])) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(count)) => {
                    assert_some(count);
                    if count >= MUCH {
                        self.inner.much.set(true);
                    }
                    rest.advance(count);
                }
                Poll::Ready(Err(error)) => self.finish(Some(error)),
            }
        }
        Poll::Ready(())
    }

    /// See [`ConnectionWriter::wake_after_look`].
    pub(super) fn wake_after_look(&mut self, waker: &Waker) -> bool {
        self.sink.as_mut().is_some_and(|sink| sink.wake_after_look(waker))
    }

    /// Does what can be done without waiting. Ready if that is all.
    pub(super) fn fly_now(&mut self) -> Poll<()> {
        poll_now(self.fly())
    }

    /// Sends all there is, and what comes meanwhile.
    async fn fly(&mut self) {
        while let Some(sink) = &mut self.sink {
            let inner = &*self.inner;
            let end = inner.end.get();
            if end == End::AbortAsked {
                sink.abort();
                self.finish(None);
                return;
            }
            if self.hand.is_empty() {
                self.hand = inner.queue.take();
            }
            let result = if let Some(first) = self.hand.front() {
                let mut slices = [&[][..]; AT_ONCE];
                let others = self.hand.iter().skip(1).map(Vec::as_slice);
                let count = fill(&mut slices, core::iter::once(&first[self.offset..]).chain(others));
                let Some(result) = inner.unless_aborted(sink.write_vectored(&slices[..count])).await else {
                    continue;
                };
                result.map(|count| self.sent(count))
            } else if end == End::CloseAsked {
                let Some(result) = inner.unless_aborted(sink.close()).await else { continue };
                result.map(|()| self.finish(None))
            } else if end == End::EofAsked {
                let Some(result) = inner.unless_aborted(sink.write_eof()).await else { continue };
                result.map(|()| inner.eof_sent())
            } else {
                return;
            };
            if let Err(error) = result {
                self.finish(Some(error));
            }
        }
    }

    fn sent(&mut self, count: usize) {
        assert_some(count);
        self.offset += count;
        while let Some(first) = self.hand.front()
            && first.len() <= self.offset
        {
            self.offset -= first.len();
            self.hand.pop_front();
        }
        self.inner.sent(count);
    }

    fn finish(&mut self, error: Option<W::Error>) {
        let sink = self.sink.take();
        self.hand = VecDeque::new();
        self.offset = 0;
        self.inner.landed();
        self.inner.finish(error);
        drop(sink);
    }

    /// Goes on in a task. It begins at once, so that a cancellation can't keep it from its beginning. Without a loop that
    /// takes tasks everything goes back to the writer.
    pub(super) fn go_on(self) {
        self.go_on_until(Until::Asked);
    }

    fn go_on_until(mut self, until: Until) {
        self.under_way = false;
        if let Ok(task) = try_create_eager_task(self.carry(until)) {
            task.set_name("stream writer");
        }
    }

    async fn carry(mut self, until: Until) {
        self.under_way = true;
        // Who cancels all tasks means those of the program. What was written goes out all the same.
        while catch_cancel(self.fly()).await.is_err() {
            if !current::with(|l| l.doing.get().ends()).unwrap_or(false) {
                continue;
            }
            match until {
                // The loop ends. The cleanup of other tasks may still write, and wait for it: what is created now is
                // asked to end only when they are done.
                Until::Asked => return self.go_on_until(Until::AskedAgain),
                Until::AskedAgain => {
                    let _ = self.fly_now();
                    break;
                }
            }
        }
        if self.is_done() {
            self.land();
        }
    }

    fn is_done(&self) -> bool {
        self.hand.is_empty() && self.inner.size.get() == 0
    }
}

/// How long a task goes on whose loop ends.
#[derive(Clone, Copy)]
enum Until {
    Asked,
    AskedAgain,
}

/// One that is cut in the middle, as its loop is gone or the sink has panicked, has lost the connection. One that never
/// came to be a task's gives back what it has.
impl<W: ErrorType, I> Drop for Flight<W, I> {
    fn drop(&mut self) {
        if self.under_way {
            if self.sink.take().is_some() {
                self.inner.landed();
                self.inner.finish(None);
            }
        } else {
            self.land();
        }
    }
}

/// Puts what is not empty into `slices`. How much that is.
fn fill<'a>(slices: &mut [&'a [u8]], pieces: impl Iterator<Item = &'a [u8]>) -> usize {
    let mut count = 0;
    for (slice, piece) in slices.iter_mut().zip(pieces.filter(|piece| !piece.is_empty())) {
        *slice = piece;
        count += 1;
    }
    count
}

fn assert_some(count: usize) {
    assert!(count > 0, "the sink's `write` took nothing and gave no error");
}

/// Polls once, for what need not wait. What has to is dropped, which the sink's methods allow.
fn poll_now<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}
