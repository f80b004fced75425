//! The life of a slot that serves one task after another, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use std::future::poll_fn;
use std::task::{Poll, Waker};

use crate::model::{Drops, Model, Static};
use everloop_core::{
    CreateErrorKind, Event, EventLoop, Pool, RemotePool, RemoteTask, Shared, SubmitErrorKind, TaskPool,
    run_coroutine_threadsafe, yield_now,
};
use loom::sync::Arc;
use loom::thread;

type Slots = RemotePool<1, 512>;

/// A loop that may be run again and again, each time with `pools`.
struct Runs {
    platform: Model,
    event_loop: Static<EventLoop>,
}

impl Runs {
    fn new() -> Self {
        let (platform, unparker) = Model::new();
        Self { platform, event_loop: Static::new(EventLoop::new(unparker)) }
    }

    fn run<F: Future>(&self, pools: &[&'static dyn Pool], main: F) -> F::Output {
        self.event_loop.get().run(&self.platform, pools, main).unwrap()
    }
}

/// Submits what keeps a witness until it has given 7.
fn submit(pool: &'static Slots, drops: &Drops) -> Result<RemoteTask<u32>, SubmitErrorKind> {
    let witness = drops.witness();
    let make = move || async move {
        let _witness = witness;
        yield_now().await;
        7
    };
    run_coroutine_threadsafe(make, pool).map_err(|refused| refused.kind)
}

/// A loop and a pool that have served a task once, so that all that loom follows is made, and a slot is to be used again.
fn used() -> (Runs, Static<Slots>) {
    let (runs, pool) = (Runs::new(), Static::new(Slots::new()));
    let slots = pool.get();
    runs.run(&[slots], async { assert_eq!(submit(slots, &Drops::new()).unwrap().await, Ok(7)) });
    (runs, pool)
}

/// Gives the waker of the task that it is awaited in, which others then wake when that is long over.
async fn own_waker() -> Waker {
    poll_fn(|cx| Poll::Ready(cx.waker().clone())).await
}

#[test]
fn a_slot_serves_the_next_when_both_sides_have_let_go() {
    loom::model(|| {
        let (runs, pool) = used();
        let (slots, drops) = (pool.get(), Drops::new());
        let thread = runs.run(&[slots], async {
            let over = Arc::new(Event::<Shared>::new());
            let thread = {
                let (over, drops) = (over.clone(), drops.clone());
                thread::spawn(move || {
                    let mut task = submit(slots, &drops).unwrap();
                    assert_eq!(task.wait(), Ok(Ok(7)));
                    drop(task);
                    // The loop's side lets go a moment after it has told of the outcome.
                    match submit(slots, &drops) {
                        Ok(mut task) => assert_eq!(task.wait(), Ok(Ok(7))),
                        Err(kind) => assert_eq!(kind, SubmitErrorKind::PoolFull),
                    }
                    over.set();
                })
            };
            over.wait().await;
            yield_now().await;
            // By now nothing is in the slot.
            assert_eq!(submit(slots, &drops).unwrap().await, Ok(7));
            thread
        });
        thread.join().unwrap();
        assert!(drops.count() == 3);
    });
}

#[test]
fn a_submission_against_the_close_ends_somehow() {
    loom::model(|| {
        let (runs, pool) = used();
        let (slots, drops) = (pool.get(), Drops::new());
        let thread = {
            let drops = drops.clone();
            thread::spawn(move || match submit(slots, &drops) {
                Ok(mut task) => assert!(matches!(task.wait().unwrap(), Ok(7) | Err(_))),
                Err(kind) => assert_eq!(kind, SubmitErrorKind::LoopClosed),
            })
        };
        runs.run(&[slots], async {});
        // The same loop once more: what was late may come in here.
        runs.run(&[slots], async {});
        thread.join().unwrap();
        assert_eq!(drops.count(), 1);
        // Nothing is lost of the pool.
        runs.run(&[slots], async { assert_eq!(submit(slots, &drops).unwrap().await, Ok(7)) });
    });
}

#[test]
fn a_late_submission_ends_in_a_loop_that_has_let_go_of_the_pool() {
    loom::model(|| {
        let (runs, pool) = used();
        let (slots, drops) = (pool.get(), Drops::new());
        let stale =
            runs.run(&[slots], async { run_coroutine_threadsafe(own_waker, slots).unwrap().await.unwrap() });
        let thread = {
            let drops = drops.clone();
            thread::spawn(move || match submit(slots, &drops) {
                Ok(mut task) => assert!(matches!(task.wait().unwrap(), Ok(7) | Err(_))),
                // A slot that is being woken is left alone.
                Err(kind) => {
                    assert!(matches!(kind, SubmitErrorKind::LoopClosed | SubmitErrorKind::PoolFull));
                }
            })
        };
        runs.run(&[slots], async {});
        runs.run(&[], async {
            // In the context of a loop that the slot has served, where a wake may look into the slot.
            stale.wake_by_ref();
            yield_now().await;
            stale.wake();
        });
        thread.join().unwrap();
        assert_eq!(drops.count(), 1);
        let next = Runs::new();
        next.run(&[slots], async { assert_eq!(submit(slots, &drops).unwrap().await, Ok(7)) });
    });
}

#[test]
fn a_stale_waker_of_a_submitted_task_is_woken_while_another_loop_takes_the_slot() {
    loom::model(|| {
        let (runs, pool) = used();
        let (slots, drops) = (pool.get(), Drops::new());
        let stale =
            runs.run(&[slots], async { run_coroutine_threadsafe(own_waker, slots).unwrap().await.unwrap() });
        let thread = thread::spawn(move || {
            stale.wake_by_ref();
            stale.wake();
        });
        let next = Runs::new();
        next.run(&[slots], async {
            match submit(slots, &drops) {
                Ok(task) => assert_eq!(task.await, Ok(7)),
                // A slot that is being woken is left alone.
                Err(kind) => assert_eq!(kind, SubmitErrorKind::PoolFull),
            }
        });
        thread.join().unwrap();
        assert_eq!(drops.count(), 1);
        next.run(&[slots], async {
            yield_now().await;
            assert_eq!(submit(slots, &drops).unwrap().await, Ok(7));
        });
    });
}

#[test]
fn a_stale_waker_is_woken_in_its_loop_while_another_loop_has_the_slot() {
    loom::model(|| {
        let (runs, pool) = used();
        let slots = pool.get();
        let stale =
            runs.run(&[slots], async { run_coroutine_threadsafe(own_waker, slots).unwrap().await.unwrap() });
        let thread = thread::spawn(move || {
            let (next, drops) = (Runs::new(), Drops::new());
            next.run(&[slots], async {
                if let Ok(task) = submit(slots, &drops) {
                    assert_eq!(task.await, Ok(7));
                }
            });
            next
        });
        runs.run(&[], async {
            stale.wake_by_ref();
            yield_now().await;
            stale.wake();
        });
        // The loop is a static: it is there until nobody can wake anything of it.
        let next = thread.join().unwrap();
        drop(next);
    });
}

#[test]
fn a_submitted_task_is_cancelled_while_its_loop_adopts_it() {
    loom::model(|| {
        let (runs, pool) = used();
        let slots = pool.get();
        let thread = runs.run(&[slots], async {
            let over = Arc::new(Event::<Shared>::new());
            let thread = {
                let over = over.clone();
                thread::spawn(move || {
                    let mut task =
                        run_coroutine_threadsafe(async || std::future::pending::<()>().await, slots).unwrap();
                    assert!(task.cancel());
                    assert!(task.wait().unwrap().is_err());
                    over.set();
                })
            };
            over.wait().await;
            thread
        });
        thread.join().unwrap();
    });
}

type Room = TaskPool<1, 256>;

/// A task in a pool that has given its waker.
async fn stale_of(room: &'static Room) -> Waker {
    room.try_create_task(own_waker()).unwrap().await.unwrap()
}

#[test]
fn a_stale_waker_of_a_task_is_woken_while_the_slot_serves_the_next() {
    loom::model(|| {
        let (runs, room) = (Runs::new(), Static::new(Room::new()));
        let room = room.get();
        let thread = runs.run(&[room], async {
            let stale = stale_of(room).await;
            let thread = thread::spawn(move || {
                stale.wake_by_ref();
                drop(stale.clone());
                stale.wake();
            });
            for value in 0..2 {
                let task = room.try_create_task(async move {
                    yield_now().await;
                    value
                });
                assert_eq!(task.unwrap().await, Ok(value));
            }
            thread
        });
        thread.join().unwrap();
    });
}

#[test]
fn a_stale_waker_of_a_task_is_woken_while_another_loop_takes_the_slot() {
    loom::model(|| {
        let (runs, next, room) = (Runs::new(), Runs::new(), Static::new(Room::new()));
        let room = room.get();
        let stale = runs.run(&[room], stale_of(room));
        let thread = thread::spawn(move || {
            stale.wake_by_ref();
            stale.wake();
        });
        next.run(&[room], async {
            match room.try_create_task(async { 7 }) {
                Ok(task) => assert_eq!(task.await, Ok(7)),
                Err(refused) => assert_eq!(refused.kind, CreateErrorKind::PoolFull),
            }
        });
        // What was pushed to the loop before comes in here, and is none of its business.
        runs.run(&[], yield_now());
        thread.join().unwrap();
        runs.run(&[], yield_now());
        next.run(&[room], async {
            yield_now().await;
            assert_eq!(room.try_create_task(async { 7 }).unwrap().await, Ok(7));
        });
    });
}
