//! Tasks that are submitted to a loop on the heap from other threads, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use crate::model::{Drops, Model};
use everloop_core::{
    Event, LoopHandle, OwnedLoop, RemoteTask, Shared, SubmitErrorKind, run_coroutine_threadsafe, yield_now,
};
use loom::sync::Arc;
use loom::thread;

/// Submits to a loop what keeps a witness until it has given 7.
fn submit(handle: &LoopHandle, drops: &Drops, yields: usize) -> Option<RemoteTask<u32>> {
    let witness = drops.witness();
    let make = move || async move {
        let _witness = witness;
        for _ in 0..yields {
            yield_now().await;
        }
        7
    };
    match run_coroutine_threadsafe(make, handle) {
        Ok(task) => Some(task),
        Err(refused) => {
            assert_eq!((refused.kind, drops.count()), (SubmitErrorKind::LoopClosed, 0));
            None
        }
    }
}

/// Runs a loop that has a thread do `elsewhere`, until that is over.
fn beside(elsewhere: impl FnOnce(LoopHandle) + Send + 'static) {
    let thread = crate::model::run(async {
        let (handle, over) = (LoopHandle::current().unwrap(), Arc::new(Event::<Shared>::new()));
        let thread = {
            let over = over.clone();
            thread::spawn(move || {
                elsewhere(handle);
                over.set();
            })
        };
        over.wait().await;
        thread
    });
    thread.join().unwrap();
}

#[test]
fn a_submission_against_the_close_is_refused_or_run_or_cancelled() {
    loom::model(|| {
        let (platform, unparker) = Model::new();
        let event_loop = OwnedLoop::new(unparker);
        let (handle, drops) = (event_loop.handle(), Drops::new());
        let thread = {
            let drops = drops.clone();
            thread::spawn(move || {
                if let Some(mut task) = submit(&handle, &drops, 0) {
                    let outcome = task.wait().unwrap();
                    // What was sent is gone before the outcome is to be had.
                    assert_eq!(drops.count(), 1);
                    assert!(matches!(outcome, Ok(7) | Err(_)));
                }
            })
        };
        event_loop.run(&platform, &[], async { yield_now().await }).unwrap();
        drop(event_loop);
        thread.join().unwrap();
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_submission_between_two_runs_is_run_by_one_or_refused() {
    loom::model(|| {
        let (platform, unparker) = Model::new();
        let event_loop = OwnedLoop::new(unparker);
        let (handle, drops) = (event_loop.handle(), Drops::new());
        let thread = {
            let drops = drops.clone();
            thread::spawn(move || drop(submit(&handle, &drops, 1)))
        };
        event_loop.run(&platform, &[], async {}).unwrap();
        event_loop.run(&platform, &[], async {}).unwrap();
        thread.join().unwrap();
        event_loop.run(&platform, &[], async {}).unwrap();
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_thread_waits_for_the_output() {
    loom::model(|| {
        beside(|handle| {
            let drops = Drops::new();
            let mut task = submit(&handle, &drops, 1).unwrap();
            assert_eq!(task.wait(), Ok(Ok(7)));
            assert!(task.done() && !task.cancel());
            assert_eq!(drops.count(), 1);
        });
    });
}

#[test]
fn another_loop_awaits_the_output() {
    loom::model(|| {
        beside(|handle| {
            let drops = Drops::new();
            let output = crate::model::run(async { submit(&handle, &drops, 0).unwrap().await });
            assert_eq!((output, drops.count()), (Ok(7), 1));
        });
    });
}

#[test]
fn the_handle_is_dropped_while_its_task_completes() {
    loom::model(|| {
        let drops = Drops::new();
        let inside = drops.clone();
        beside(move |handle| drop(submit(&handle, &inside, 1).unwrap()));
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_task_is_cancelled_while_it_completes() {
    loom::model(|| {
        let drops = Drops::new();
        let inside = drops.clone();
        beside(move |handle| {
            let mut task = submit(&handle, &inside, 1).unwrap();
            let asked = task.cancel();
            let outcome = task.wait().unwrap();
            assert!(matches!(outcome, Ok(7) | Err(_)));
            // A task that nobody has asked runs to its end.
            assert!(asked || outcome == Ok(7));
            assert_eq!(inside.count(), 1);
        });
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_request_to_cancel_wakes_the_task() {
    loom::model(|| {
        beside(|handle| {
            let mut task =
                run_coroutine_threadsafe(async || std::future::pending::<()>().await, &handle).unwrap();
            assert!(task.cancel());
            assert!(task.wait().unwrap().is_err());
        });
    });
}

#[test]
fn two_threads_submit_to_one_loop() {
    loom::model(|| {
        let (platform, unparker) = Model::new();
        let event_loop = OwnedLoop::new(unparker);
        let drops = [Drops::new(), Drops::new()];
        let threads = [0, 1].map(|index| {
            let (handle, drops) = (event_loop.handle(), drops[index].clone());
            thread::spawn(move || drop(submit(&handle, &drops, 0)))
        });
        event_loop.run(&platform, &[], async { yield_now().await }).unwrap();
        drop(event_loop);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(drops.map(|drops| drops.count()), [1, 1]);
    });
}
