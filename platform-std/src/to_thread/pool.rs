use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use std::{io, thread};

/// A thread ends when it had nothing to do for so long.
pub(super) const IDLE: Duration = Duration::from_secs(10);

/// What a thread of the pool does.
pub(crate) trait Work: Send + Sync {
    /// Does it. A panic is caught.
    fn run(&self);
}

/// The number of a job in the queue, to take it out by.
#[derive(Clone, Copy)]
pub(super) struct Ticket(u64);

/// Threads that come and go with the work, up to a limit.
pub(super) struct Pool {
    state: Mutex<State>,
    /// Told of each job that is queued.
    queued: Condvar,
    limit: OnceLock<usize>,
    idle_for: Duration,
}

struct State {
    /// By their numbers, so that the first is the oldest and any can be taken out.
    queue: BTreeMap<u64, Arc<dyn Work>>,
    last: u64,
    threads: usize,
    /// Threads that wait for a job.
    idle: usize,
}

impl Pool {
    /// A pool without threads, whose threads end when they had nothing to do for `idle_for`.
    pub(super) const fn new(idle_for: Duration) -> Self {
        Self {
            state: Mutex::new(State { queue: BTreeMap::new(), last: 0, threads: 0, idle: 0 }),
            queued: Condvar::new(),
            limit: OnceLock::new(),
            idle_for,
        }
    }

    /// Nothing foreign runs under the lock, so a poisoned one is as good as another.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a job, and starts a thread if all are busy and there may be more.
    ///
    /// # Errors
    /// The system refuses to start a thread and there is no other. The job is not queued then.
    pub(super) fn submit(&'static self, job: Arc<dyn Work>) -> io::Result<Ticket> {
        let limit = *self.limit.get_or_init(super::limit);
        let mut state = self.state();
        state.last += 1;
        let ticket = Ticket(state.last);
        state.queue.insert(ticket.0, job);
        // Each idle thread takes one.
        if state.queue.len() <= state.idle || state.threads >= limit {
            drop(state);
            self.queued.notify_one();
            return Ok(ticket);
        }
        // Under the lock, so that nobody counts on a thread that then does not start.
        match thread::Builder::new().name("everloop-to-thread".into()).spawn(|| self.work()) {
            Ok(_detached) => state.threads += 1,
            // Those that are there will come to it.
            Err(_) if state.threads > 0 => {}
            Err(error) => {
                // It is the only one: the last thread ended when the queue was empty.
                let job = state.queue.remove(&ticket.0);
                drop(state);
                drop(job);
                return Err(error);
            }
        }
        Ok(ticket)
    }

    /// Takes a job out of the queue, if it is still there.
    pub(super) fn withdraw(&self, ticket: Ticket) {
        let job = self.state().queue.remove(&ticket.0);
        // Not under the lock: it is the caller's own, and may be the last of it.
        drop(job);
    }

    /// The life of a thread.
    fn work(&self) {
        let mut state = self.state();
        loop {
            if let Some((_, job)) = state.queue.pop_first() {
                drop(state);
                // A waker, or the drop of an output that nobody wants, may panic; that must not cost a thread.
                let result = catch_unwind(AssertUnwindSafe(|| {
                    job.run();
                    drop(job);
                }));
                if let Err(payload) = result {
                    std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(payload))));
                }
                state = self.state();
                continue;
            }
            state.idle += 1;
            let waited = self.queued.wait_timeout_while(state, self.idle_for, |state| state.queue.is_empty());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.idle -= 1;
            if state.queue.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }
}
