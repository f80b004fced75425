use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;

use super::pool::Work;

/// A function that was handed over, and then what came of it.
pub(crate) struct Job<F, T> {
    stage: Mutex<Stage<F, T>>,
}

enum Stage<F, T> {
    /// It waits for a thread.
    Waiting(F, Waker),
    /// It runs, and this is woken when it is done.
    Running(Waker),
    Done(thread::Result<T>),
    /// Its output was taken, or nobody waits for it any more.
    Gone,
}

impl<F, T> Job<F, T>
where
    F: FnOnce() -> T,
{
    pub(crate) fn new(f: F, waker: Waker) -> Self {
        Self { stage: Mutex::new(Stage::Waiting(f, waker)) }
    }

    /// Nothing foreign runs under the lock, so a poisoned one is as good as another.
    fn stage(&self) -> MutexGuard<'_, Stage<F, T>> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, stage: Stage<F, T>) -> Stage<F, T> {
        mem::replace(&mut *self.stage(), stage)
    }

    /// The function, if no thread has begun with it.
    pub(crate) fn take_back(&self) -> Option<F> {
        match self.replace(Stage::Gone) {
            Stage::Waiting(f, _) => Some(f),
            _ => None,
        }
    }

    /// What it gave, if it is done; else `waker` is woken then.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<thread::Result<T>> {
        // A waker is foreign code: it is cloned and dropped outside the lock.
        let mut fresh = None;
        loop {
            let mut stage = self.stage();
            match &mut *stage {
                Stage::Waiting(_, kept) | Stage::Running(kept) => {
                    if kept.will_wake(waker) {
                        return None;
                    }
                    if let Some(fresh) = fresh.take() {
                        let old = mem::replace(kept, fresh);
                        drop(stage);
                        drop(old);
                        return None;
                    }
                }
                Stage::Done(_) | Stage::Gone => match mem::replace(&mut *stage, Stage::Gone) {
                    Stage::Done(result) => return Some(result),
                    _ => return None,
                },
            }
            drop(stage);
            fresh = Some(waker.clone());
        }
    }

    /// Nobody waits for it any more. Drops what there is; of a function that runs, its thread will.
    pub(crate) fn abandon(&self) {
        // Outside the lock, since it runs foreign code.
        drop(self.replace(Stage::Gone));
    }

    /// The function, which runs from now on.
    fn begin(&self) -> Option<F> {
        let mut stage = self.stage();
        match mem::replace(&mut *stage, Stage::Gone) {
            Stage::Waiting(f, waker) => {
                *stage = Stage::Running(waker);
                Some(f)
            }
            _ => None,
        }
    }

    /// Keeps the result for whoever waits; gives it back if nobody does.
    fn end(&self, result: thread::Result<T>) -> Result<Waker, thread::Result<T>> {
        let mut stage = self.stage();
        match mem::replace(&mut *stage, Stage::Gone) {
            Stage::Running(waker) => {
                *stage = Stage::Done(result);
                Ok(waker)
            }
            _ => Err(result),
        }
    }
}

impl<F, T> Work for Job<F, T>
where
    F: FnOnce() -> T + Send,
    T: Send,
{
    fn run(&self) {
        let Some(f) = self.begin() else { return };
        match self.end(catch_unwind(AssertUnwindSafe(f))) {
            Ok(waker) => waker.wake(),
            Err(unwanted) => drop(unwanted),
        }
    }
}
