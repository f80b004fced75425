use core::pin::Pin;
use core::task::{Context, Poll, ready};

use embedded_io_async::Read;
use futures_core::Stream;
use pin_project_lite::pin_project;

use super::{ReadBuffer, StreamReader};
use crate::stream::error::{LimitOverrunError, ReadError};

impl<R: Read, B: ReadBuffer> StreamReader<R, B> {
    /// The lines that are still to come as a [`Stream`], until the stream ends. asyncio's `async for line in reader`.
    ///
    /// A line `L` is whatever can be made of a slice and owns its bytes: `Vec<u8>`, or `heapless::Vec<u8, N>`.
    ///
    /// ```
    /// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
    /// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
    /// use std::{future::poll_fn, pin::pin};
    ///
    /// use everloop_core::StreamReader;
    /// use futures_core::Stream;
    ///
    /// # LOOP.run(&VirtualTime::new(), &[], async {
    /// let mut reader = StreamReader::new(&b"one\ntwo"[..], [0; 16]);
    /// let mut lines = pin!(reader.lines::<Vec<u8>>());
    /// // With the crate `futures`: `lines.next().await`.
    /// assert_eq!(poll_fn(|cx| lines.as_mut().poll_next(cx)).await, Some(Ok(b"one\n".to_vec())));
    /// assert_eq!(poll_fn(|cx| lines.as_mut().poll_next(cx)).await, Some(Ok(b"two".to_vec())));
    /// assert_eq!(poll_fn(|cx| lines.as_mut().poll_next(cx)).await, None);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Each item's are those of [`readline`](Self::readline), after which it goes on; and a line that has no room in an
    /// `L` is an overrun, too.
    ///
    /// # Cancel safety
    /// No line is lost by dropping who waits for the next, nor by dropping the stream.
    ///
    /// # Allocation
    /// That of an `L`, and a `Growing` buffer's.
    ///
    /// # Wakes from interrupts
    /// As the source.
    pub fn lines<L>(&mut self) -> impl Stream<Item = Result<L, ReadError<R::Error>>>
    where
        L: for<'a> TryFrom<&'a [u8]>,
    {
        Unfold { state: State::Idle { of: self }, step: Self::next_line::<L> }
    }

    /// The next line, and the reader for the one after.
    async fn next_line<L>(&mut self) -> (&mut Self, Option<Result<L, ReadError<R::Error>>>)
    where
        L: for<'a> TryFrom<&'a [u8]>,
    {
        let line = match self.readline().await {
            Ok([]) => None,
            Ok(line) => Some(
                L::try_from(line)
                    .map_err(|_too_long| ReadError::LimitOverrun(LimitOverrunError { consumed: line.len() })),
            ),
            Err(error) => Some(Err(error)),
        };
        (self, line)
    }
}

pin_project! {
    /// A stream whose items are futures' that take what they are made of and give it back.
    struct Unfold<T, F, S> {
        #[pin]
        state: State<T, F>,
        step: S,
    }
}

pin_project! {
    #[project = StateProjection]
    #[project_replace = StateReplaced]
    enum State<T, F> {
        Idle { of: T },
        Waits { #[pin] future: F },
        Moved,
    }
}

impl<T, F, S, I> Stream for Unfold<T, F, S>
where
    F: Future<Output = (T, Option<I>)>,
    S: FnMut(T) -> F,
{
    type Item = I;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<I>> {
        let mut this = self.project();
        if let StateProjection::Idle { .. } = this.state.as_mut().project()
            && let StateReplaced::Idle { of } = this.state.as_mut().project_replace(State::Moved)
        {
            let future = (this.step)(of);
            this.state.set(State::Waits { future });
        }
        let StateProjection::Waits { future } = this.state.as_mut().project() else {
            unreachable!("`step` panicked before")
        };
        let (of, item) = ready!(future.poll(cx));
        this.state.set(State::Idle { of });
        Poll::Ready(item)
    }
}
