//! A thread for each end, where the system has no pipes that can be waited for.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::reactor::Driver;

/// So many bytes are under way between a thread and its end.
const CHUNK: usize = 16 * 1024;

/// What an end and its thread share.
struct Between {
    state: Mutex<State>,
    /// Told when the thread has something to do.
    thread: Condvar,
}

#[derive(Default)]
struct State {
    /// Bytes under way, from `start`.
    chunk: Vec<u8>,
    start: usize,
    /// The thread has come to the end of the pipe, or to an error, which is given once.
    ended: bool,
    error: Option<io::Error>,
    /// The end was dropped.
    dropped: bool,
    waker: Option<Waker>,
}

impl State {
    fn is_empty(&self) -> bool {
        self.start == self.chunk.len()
    }
}

impl Between {
    /// Starts the thread.
    fn start(work: impl FnOnce(&Self) + Send + 'static) -> io::Result<Arc<Self>> {
        let between = Arc::new(Self { state: Mutex::default(), thread: Condvar::new() });
        let theirs = Arc::clone(&between);
        thread::Builder::new().name("everloop-pipe".into()).spawn(move || work(&theirs))?;
        Ok(between)
    }

    /// Nothing foreign runs under the lock, so a poisoned one is as good as another.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives what `op` gives, as soon as that is something.
    async fn when_ready<T>(&self, mut op: impl FnMut(&mut State) -> Option<io::Result<T>>) -> io::Result<T> {
        poll_fn(|cx| self.poll(cx, &mut op)).await
    }

    fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        op: &mut impl FnMut(&mut State) -> Option<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        // A waker is foreign code: it is cloned and dropped outside the lock.
        let waker = cx.waker().clone();
        let mut state = self.state();
        if let Some(result) = op(&mut state) {
            drop(state);
            self.thread.notify_one();
            return Poll::Ready(result);
        }
        let before = state.waker.replace(waker);
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// Waits, on the thread, until `done`.
    fn wait_until(&self, done: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self.thread.wait_while(self.state(), |state| !done(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, on the thread, and tells the end.
    fn tell(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        // What a waker does that panics is its own affair: this thread goes on.
        if let Some(waker) = waker
            && let Err(payload) = catch_unwind(AssertUnwindSafe(|| waker.wake()))
        {
            std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(payload))));
        }
    }

    fn drop_end(&self) {
        self.state().dropped = true;
        self.thread.notify_one();
    }
}

/// The end to read from. Its thread reads one chunk ahead.
pub(super) struct ReadEnd(Arc<Between>);

impl ReadEnd {
    pub(super) fn new(_: Rc<Driver>, pipe: io::PipeReader) -> io::Result<Self> {
        Self::of(pipe)
    }

    pub(super) fn of(pipe: impl Read + Send + 'static) -> io::Result<Self> {
        Between::start(move |between| read_on(between, pipe)).map(Self)
    }

    pub(super) async fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        let take = |state: &mut State| {
            if state.is_empty() {
                return state.ended.then(|| state.error.take().map_or(Ok(0), Err));
            }
            let rest = &state.chunk[state.start..];
            let count = rest.len().min(buf.len());
            buf[..count].copy_from_slice(&rest[..count]);
            state.start += count;
            Some(Ok(count))
        };
        self.0.when_ready(take).await
    }
}

impl Drop for ReadEnd {
    fn drop(&mut self) {
        self.0.drop_end();
    }
}

fn read_on(between: &Between, mut pipe: impl Read) {
    let mut spare = vec![0; CHUNK];
    loop {
        if between.wait_until(|state| state.dropped || state.is_empty()).dropped {
            return;
        }
        spare.resize(CHUNK, 0);
        match pipe.read(&mut spare) {
            Ok(0) => return between.tell(|state| state.ended = true),
            Ok(count) => {
                spare.truncate(count);
                between.tell(|state| {
                    std::mem::swap(&mut state.chunk, &mut spare);
                    state.start = 0;
                });
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                return between.tell(|state| {
                    state.ended = true;
                    state.error = Some(error);
                });
            }
        }
    }
}

/// The end to write to. A write is done when its thread has taken it over; an error that comes after is given by the
/// next write or flush.
pub(super) struct WriteEnd(Arc<Between>);

impl WriteEnd {
    pub(super) fn new(_: Rc<Driver>, pipe: io::PipeWriter) -> io::Result<Self> {
        Self::of(pipe)
    }

    pub(super) fn of(pipe: impl Write + Send + 'static) -> io::Result<Self> {
        Between::start(move |between| write_on(between, pipe)).map(Self)
    }

    pub(super) async fn write(&self, buf: &[u8]) -> io::Result<usize> {
        let give = |state: &mut State| {
            if state.ended {
                return Some(Err(state.error.take().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())));
            }
            if !state.is_empty() {
                return None;
            }
            let count = buf.len().min(CHUNK);
            state.chunk.clear();
            state.chunk.extend_from_slice(&buf[..count]);
            state.start = 0;
            Some(Ok(count))
        };
        self.0.when_ready(give).await
    }

    pub(super) async fn flush(&self) -> io::Result<()> {
        let written = |state: &mut State| match state.error.take() {
            Some(error) => Some(Err(error)),
            None => (state.is_empty() || state.ended).then_some(Ok(())),
        };
        self.0.when_ready(written).await
    }

    /// Its thread does the writing, and keeps nobody waiting.
    pub(super) fn wake_after_look(&self, _: &Waker) -> bool {
        false
    }
}

/// What was written before is still on its way when this is dropped, and the pipe closes after it.
impl Drop for WriteEnd {
    fn drop(&mut self) {
        self.0.drop_end();
    }
}

fn write_on(between: &Between, mut pipe: impl Write) {
    let mut chunk = Vec::new();
    loop {
        let state = between.wait_until(|state| state.dropped || !state.is_empty());
        if state.is_empty() {
            return;
        }
        // It stays in `state` as long as it is under way, so that a flush waits for it.
        chunk.clear();
        chunk.extend_from_slice(&state.chunk);
        drop(state);
        let written = pipe.write_all(&chunk);
        let failed = written.is_err();
        between.tell(|state| {
            state.start = state.chunk.len();
            state.ended = failed;
            state.error = written.err();
        });
        if failed {
            return;
        }
    }
}
