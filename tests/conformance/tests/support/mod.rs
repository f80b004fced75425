//! The other thread, for tests that need another context than the loop's.

use std::any::Any;
use std::boxed::Box;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use everloop_conformance::elsewhere;

/// What the thread has to do or has done. Only one test runs at a time, so there is one of it at most.
enum Errand {
    None,
    Asked(fn()),
    Done(Result<(), Box<dyn Any + Send>>),
}

static ERRAND: Mutex<Errand> = Mutex::new(Errand::None);
static CHANGED: Condvar = Condvar::new();

/// Starts the thread and installs it.
///
/// It is one for all tests and is ready when this returns, so whatever a thread allocates to begin with is over by
/// then: later allocations in it are those of the functions it runs.
pub fn start() {
    thread::spawn(|| {
        loop {
            let mut errand = lock();
            let f = loop {
                match *errand {
                    Errand::Asked(f) => break f,
                    Errand::None | Errand::Done(_) => errand = wait(errand),
                }
            };
            drop(errand);
            let done = catch_unwind(f);
            *lock() = Errand::Done(done);
            CHANGED.notify_all();
        }
    });
    run(|| {});
    elsewhere::install(run);
}

/// Has the thread run `f`; a panic there becomes one here, where the test runs.
fn run(f: fn()) {
    let mut errand = lock();
    *errand = Errand::Asked(f);
    CHANGED.notify_all();
    loop {
        match std::mem::replace(&mut *errand, Errand::None) {
            Errand::Done(Ok(())) => return,
            Errand::Done(Err(panic)) => {
                drop(errand);
                resume_unwind(panic)
            }
            waiting => {
                *errand = waiting;
                errand = wait(errand);
            }
        }
    }
}

fn lock() -> MutexGuard<'static, Errand> {
    ERRAND.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait(errand: MutexGuard<'static, Errand>) -> MutexGuard<'static, Errand> {
    CHANGED.wait(errand).unwrap_or_else(PoisonError::into_inner)
}
