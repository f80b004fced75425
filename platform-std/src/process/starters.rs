//! Threads that start programs when several are to be started at once: the call that starts one holds its thread up until
//! the program runs.
//!
//! A program may ask to be sent a signal when the thread ends that started it (`PR_SET_PDEATHSIG`), and means its parent by
//! that. So such a thread lives at least as long as what it has started.

use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::{io, thread};

use super::child::Child;
use crate::to_thread::Work;

/// The threads of one loop. They are started by the loop's own, of which they have what a program inherits from a thread,
/// and they end when there is nothing to do.
#[derive(Default)]
pub(crate) struct Starters {
    shared: OnceCell<Arc<Shared>>,
    /// How often the loop had waited when a program was last started, and its child, if the loop's own thread has.
    last: RefCell<Option<(u64, Option<Weak<Child>>)>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Told of each job that is queued, and of each child that ends.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Arc<dyn Work>>,
    threads: usize,
    /// Threads that wait for a job, or for their children's end.
    idle: usize,
}

/// A child's claim that the thread which has started it lives on.
pub(super) struct Claim {
    /// None while it is dropped.
    life: Option<Arc<()>>,
    shared: Arc<Shared>,
}

thread_local! {
    /// What is claimed of this thread, if it is one of these.
    static OWN: RefCell<Option<(Arc<()>, Arc<Shared>)>> = const { RefCell::new(None) };
}

impl Claim {
    /// On this thread, for a child that it has started. None if it is none of these threads.
    pub(super) fn of_this_thread() -> Option<Self> {
        OWN.with_borrow(|own| {
            let (life, shared) = own.as_ref()?;
            Some(Self { life: Some(Arc::clone(life)), shared: Arc::clone(shared) })
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.life = None;
        // Whoever has seen it under the lock waits by now.
        let some_wait = self.shared.state().idle > 0;
        if some_wait {
            self.shared.changed.notify_all();
        }
    }
}

impl Starters {
    /// Whether a program that is to be started now is one of several: another was since the loop last waited, and is not
    /// known to have ended. It has waited so often.
    pub(super) fn is_one_of_several(&self, waits: u64) -> bool {
        match &*self.last.borrow() {
            Some((then, _)) if *then != waits => false,
            Some((_, Some(child))) => child.upgrade().is_some_and(|child| !child.has_ended()),
            Some((_, None)) => true,
            None => false,
        }
    }

    /// One is started, here or by another thread.
    pub(super) fn note(&self, waits: u64, child: Option<&Arc<Child>>) {
        *self.last.borrow_mut() = Some((waits, child.map(Arc::downgrade)));
    }

    /// Queues a job, and starts a thread if all are busy and there may be more.
    ///
    /// # Errors
    /// The system refuses to start a thread and there is no other. The job is not queued then.
    pub(super) fn submit(&self, job: Arc<dyn Work>) -> io::Result<()> {
        let shared = self.shared.get_or_init(Arc::default);
        let mut state = shared.state();
        if state.queue.len() >= state.idle && state.threads < limit() {
            let theirs = Arc::clone(shared);
            match thread::Builder::new().name("everloop-starter".into()).spawn(move || work(&theirs)) {
                Ok(_detached) => state.threads += 1,
                // Those that are there will come to it.
                Err(_) if state.threads > 0 => {}
                Err(error) => return Err(error),
            }
        }
        state.queue.push_back(job);
        let some_wait = state.idle > 0;
        drop(state);
        if some_wait {
            shared.changed.notify_one();
        }
        Ok(())
    }
}

/// More have no more processors to start something on.
fn limit() -> usize {
    // To ask takes files to be read.
    static LIMIT: OnceLock<usize> = OnceLock::new();
    *LIMIT.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

impl Shared {
    /// Nothing foreign runs under the lock, so a poisoned one is as good as another.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The life of a thread.
fn work(shared: &Arc<Shared>) {
    let life = Arc::new(());
    OWN.set(Some((Arc::clone(&life), Arc::clone(shared))));
    let mut state = shared.state();
    loop {
        if let Some(job) = state.queue.pop_front() {
            drop(state);
            // A waker may panic; that must not cost a thread.
            let result = catch_unwind(AssertUnwindSafe(|| {
                job.run();
                drop(job);
            }));
            if let Err(payload) = result {
                std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(payload))));
            }
            state = shared.state();
        } else if Arc::strong_count(&life) == 2 {
            // Only this thread has it.
            state.threads -= 1;
            return;
        } else {
            state.idle += 1;
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}
