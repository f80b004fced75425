//! The list on the host: once with the tasks in a pool, once with them on the heap.

mod support;

use std::boxed::Box;
use std::sync::{Mutex, PoisonError};

use everloop_conformance::{REMOTE, TASK_BYTES, TASKS, TESTS, Test};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{EventLoop, LoopHandle, OwnedLoop, Pool, TaskPool};
use libtest_mimic::{Arguments, Trial};

/// Tests of one list share statics, so no two run at once.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What the tests leave behind, so that leak checkers see that it is not lost.
static KEPT: Mutex<Vec<(&EventLoop, &TaskPool<TASKS, TASK_BYTES>)>> = Mutex::new(Vec::new());

static SERVED: Mutex<Vec<LoopHandle>> = Mutex::new(Vec::new());

fn in_a_pool(test: &Test) {
    let event_loop: &'static EventLoop = Box::leak(Box::new(EventLoop::new(UNPARKER)));
    let pool: &'static TaskPool<TASKS, TASK_BYTES> = Box::leak(Box::new(TaskPool::new()));
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).push((event_loop, pool));
    (test.run)(&mut |main| {
        event_loop.run(&VirtualTime::new(), &[pool, &REMOTE], main).expect("the test ran to its end")
    });
}

fn on_the_heap(test: &Test) {
    let event_loop = OwnedLoop::new(UNPARKER);
    // One that has served a static pool is never freed, so the others go without.
    let remote =
        test.name.starts_with("remote::") || test.name == "task_info::a_submitted_task_is_listed_too";
    let pools: &[&'static dyn Pool] = if remote { &[&REMOTE] } else { &[] };
    (test.run)(&mut |main| {
        event_loop.run(&VirtualTime::new(), pools, main).expect("the test ran to its end")
    });
    if remote {
        SERVED.lock().unwrap_or_else(PoisonError::into_inner).push(event_loop.handle());
    }
}

fn main() {
    let arguments = Arguments::from_args();
    support::start();
    let mut trials = Vec::new();
    for (kind, run) in [("pool", in_a_pool as fn(&Test)), ("heap", on_the_heap)] {
        for test in TESTS {
            trials.push(Trial::test(format!("{kind}::{}", test.name), move || {
                let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
                run(test);
                Ok(())
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}
