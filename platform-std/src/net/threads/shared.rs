//! What the threads of a server and its owners share.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use everloop_core::{Event, Queue, Shared as BetweenThreads, Unbounded};

use super::error::{StoppedError, StoppedReason};
use crate::net::StartError;

/// What the owners ask of each loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Close,
    CloseClients,
    AbortClients,
}

/// A panic on its way to another thread.
pub(super) type Payload = Box<dyn Any + Send>;

/// Why a thread did not start.
pub(super) enum Failure {
    Error(StartError),
    Panic(Payload),
}

/// What a thread says once.
pub(super) type Report = Result<(), Failure>;

/// A thread that is to be started or runs. Dropped, it has ended.
pub(super) struct Life(pub(super) Arc<Shared>);

impl Drop for Life {
    fn drop(&mut self) {
        self.0.ends();
    }
}

/// A queue between threads.
pub(super) type Line<T> = Queue<T, Unbounded, BetweenThreads>;

pub(super) struct Shared {
    /// One for each thread.
    commands: Vec<Line<Command>>,
    /// One report of each thread.
    pub(super) started: Line<Report>,
    /// Set when all threads have ended.
    pub(super) ended: Event<BetweenThreads>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    closed: bool,
    /// How many threads have not ended.
    alive: usize,
    handles: Vec<JoinHandle<()>>,
    stopped: Option<StoppedError>,
    panic: Option<Payload>,
    /// Removes the path of the server.
    #[cfg(unix)]
    bound: Option<crate::net::unix::Bound>,
}

impl Shared {
    pub(super) fn new(threads: usize) -> Self {
        Self {
            commands: (0..threads).map(|_| Line::new()).collect(),
            started: Line::new(),
            ended: Event::new(),
            state: Mutex::new(State { alive: threads, ..State::default() }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(unix)]
    pub(super) fn keep(&self, bound: Option<crate::net::unix::Bound>) {
        self.state().bound = bound;
    }

    pub(super) fn threads(&self) -> usize {
        self.commands.len()
    }

    pub(super) fn commands(&self, thread: usize) -> &Line<Command> {
        &self.commands[thread]
    }

    /// Asks all loops. To those that have ended it says nothing.
    pub(super) fn ask(&self, command: Command) {
        for commands in &self.commands {
            // It has no limit, and is never shut.
            let _ = commands.put_nowait(command);
        }
    }

    /// Has all loops stop listening. Once they were asked this does nothing.
    pub(super) fn close(&self) {
        let mut state = self.state();
        if std::mem::replace(&mut state.closed, true) {
            return;
        }
        #[cfg(unix)]
        let bound = state.bound.take();
        drop(state);
        // Before the sockets, so that who then connects finds nothing rather than nobody.
        #[cfg(unix)]
        drop(bound);
        self.ask(Command::Close);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    pub(super) fn add(&self, handle: JoinHandle<()>) {
        self.state().handles.push(handle);
    }

    /// A thread has ended, or could not be started.
    fn ends(&self) {
        let last = {
            let mut state = self.state();
            state.alive -= 1;
            state.alive == 0
        };
        if last {
            self.ended.set();
        }
    }

    /// The loop of a thread stopped though nobody had asked it to: so do the others.
    pub(super) fn stopped(&self, thread: usize, reason: StoppedReason, panic: Option<Payload>) {
        let spare = {
            let mut state = self.state();
            state.stopped.get_or_insert(StoppedError { thread, reason });
            // The first is resumed, and the hook has told of the others.
            if state.panic.is_none() { std::mem::replace(&mut state.panic, panic) } else { panic }
        };
        drop(spare);
        self.close();
    }

    /// Waits for the last steps of threads that have ended, which are all that is left of them.
    pub(super) fn join(&self) {
        let handles = std::mem::take(&mut self.state().handles);
        for handle in handles {
            // A panic of a thread is caught on it.
            let _ = handle.join();
        }
    }

    /// A panic that nobody was told of.
    pub(super) fn take_panic(&self) -> Option<Payload> {
        self.state().panic.take()
    }

    pub(super) fn outcome(&self) -> Result<(), StoppedError> {
        self.state().stopped.map_or(Ok(()), Err)
    }
}
