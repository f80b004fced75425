//! A loop that stays open between runs, and the wakers of its tasks, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::model::{Drops, Model};
use everloop_core::{
    OpenLoop, OwnedLoop, Task, catch_cancel, create_task, run_coroutine_threadsafe, yield_now,
};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

fn open() -> OpenLoop<OwnedLoop, Model> {
    let (platform, unparker) = Model::new();
    OwnedLoop::new(unparker).open(platform, &[]).unwrap()
}

/// Is ready once `flag` is set, of which a wake tells, and nothing else.
async fn told(flag: Arc<AtomicBool>, leave: impl Fn(Waker)) {
    let mut left = false;
    poll_fn(|cx| {
        if !std::mem::replace(&mut left, true) {
            leave(cx.waker().clone());
        }
        if flag.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// A task that waits to be told, and its waker.
fn waits(l: &mut OpenLoop<OwnedLoop, Model>, flag: &Arc<AtomicBool>) -> (Task<()>, Waker) {
    let flag = flag.clone();
    l.run(async {
        let waker = Rc::new(Cell::new(None));
        let leave = waker.clone();
        let task = create_task(told(flag, move |waker| leave.set(Some(waker))));
        yield_now().await;
        (task, waker.take().unwrap())
    })
    .unwrap()
}

#[test]
fn a_wake_between_two_runs_is_not_lost() {
    loom::model(|| {
        let (mut l, flag) = (open(), Arc::new(AtomicBool::new(false)));
        let (task, waker) = waits(&mut l, &flag);
        let thread = thread::spawn(move || {
            flag.store(true, Ordering::Relaxed);
            waker.wake();
        });
        l.run(async { yield_now().await }).unwrap();
        l.run(async { task.await.unwrap() }).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn an_open_loop_is_closed_while_its_task_is_woken() {
    loom::model(|| {
        let (mut l, flag) = (open(), Arc::new(AtomicBool::new(false)));
        let (task, waker) = waits(&mut l, &flag);
        let thread = thread::spawn(move || {
            flag.store(true, Ordering::Relaxed);
            waker.wake_by_ref();
            drop(waker.clone());
            waker.wake();
        });
        l.close().unwrap();
        assert!(task.done());
        drop(l);
        drop(task);
        thread.join().unwrap();
    });
}

#[test]
fn a_task_is_cancelled_and_its_handle_dropped_between_runs_while_it_is_woken() {
    loom::model(|| {
        let (mut l, flag) = (open(), Arc::new(AtomicBool::new(false)));
        let (task, waker) = waits(&mut l, &flag);
        let thread = thread::spawn(move || waker.wake());
        task.cancel();
        drop(task);
        l.run(async { yield_now().await }).unwrap();
        drop(l);
        thread.join().unwrap();
    });
}

#[test]
fn a_submission_to_an_open_loop_against_its_close_is_refused_or_run_or_cancelled() {
    loom::model(|| {
        let (platform, unparker) = Model::new();
        let event_loop = OwnedLoop::new(unparker);
        let (handle, drops) = (event_loop.handle(), Drops::new());
        let mut l = event_loop.open(platform, &[]).unwrap();
        let thread = {
            let witness = drops.witness();
            thread::spawn(move || {
                let make = move || async move {
                    let _witness = witness;
                    yield_now().await;
                    7
                };
                if let Ok(mut task) = run_coroutine_threadsafe(make, &handle) {
                    assert!(matches!(task.wait().unwrap(), Ok(7) | Err(_)));
                }
            })
        };
        l.run(async {}).unwrap();
        l.close().unwrap();
        thread.join().unwrap();
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_task_completes_while_its_wakers_are_cloned_and_dropped_and_woken() {
    loom::model(|| {
        let drops = Drops::new();
        let threads = crate::model::run(async {
            let (flag, witness) = (Arc::new(AtomicBool::new(false)), drops.witness());
            let threads = Rc::new(Cell::new(None));
            let (leave, woken) = (threads.clone(), flag.clone());
            create_task(async move {
                let _witness = witness;
                told(woken, move |waker| {
                    let (flag, other) = (flag.clone(), waker.clone());
                    leave.set(Some([
                        thread::spawn(move || {
                            flag.store(true, Ordering::Relaxed);
                            waker.wake();
                        }),
                        thread::spawn(move || drop(other.clone())),
                    ]));
                })
                .await;
            })
            .await
            .unwrap();
            threads.take().unwrap()
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_task_cleans_up_while_it_is_woken_and_nobody_has_its_handle() {
    loom::model(|| {
        let drops = Drops::new();
        let thread = crate::model::run(async {
            let (witness, thread) = (drops.witness(), Rc::new(Cell::new(None)));
            let leave = thread.clone();
            let task = create_task(async move {
                let _witness = witness;
                let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
                leave.set(Some(thread::spawn(move || {
                    waker.wake_by_ref();
                    waker.wake();
                })));
                if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                    yield_now().await;
                    cancelled.resume().await;
                }
            });
            yield_now().await;
            task.cancel();
            drop(task);
            thread.take().unwrap()
        });
        thread.join().unwrap();
        assert_eq!(drops.count(), 1);
    });
}
