//! The locks between threads, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use crate::model::run;
use everloop_core::{Barrier, Condition, Lock, Semaphore, Shared};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// A number that loom watches: two that use it with no order between them are a failure.
struct Watched(UnsafeCell<u32>);

impl Watched {
    fn add(&mut self) {
        // SAFETY: it is had by `&mut`.
        self.0.with_mut(|number| unsafe { *number += 1 });
    }

    fn get(&mut self) -> u32 {
        // SAFETY: as above.
        self.0.with(|number| unsafe { *number })
    }
}

type Counter = Lock<Watched, Shared>;

fn counter() -> Counter {
    Lock::new(Watched(UnsafeCell::new(0)))
}

#[test]
fn a_lock_orders_what_is_done_with_it() {
    loom::model(|| {
        let lock = Arc::new(counter());
        let other = {
            let lock = lock.clone();
            thread::spawn(move || run(async { lock.acquire().await.add() }))
        };
        run(async { lock.acquire().await.add() });
        other.join().unwrap();
        assert_eq!(lock.try_acquire().unwrap().get(), 2);
    });
}

#[test]
fn a_lock_that_is_handed_to_one_who_leaves_is_not_lost() {
    loom::model(|| {
        let lock = Arc::new(counter());
        let guard = lock.try_acquire().unwrap();
        let other = {
            let lock = lock.clone();
            thread::spawn(move || {
                run(async {
                    let mut acquire = pin!(lock.acquire());
                    // Whether it was handed the lock or not.
                    poll_fn(|cx| Poll::Ready(acquire.as_mut().poll(cx).is_ready())).await;
                });
            })
        };
        drop(guard);
        run(async { lock.acquire().await.add() });
        other.join().unwrap();
        assert!(!lock.locked());
    });
}

#[test]
fn a_release_of_a_semaphore_wakes_who_waits() {
    loom::model(|| {
        let semaphore: Arc<Semaphore<Shared>> = Arc::new(Semaphore::new(0));
        let other = {
            let semaphore = semaphore.clone();
            thread::spawn(move || semaphore.release().unwrap())
        };
        run(async { semaphore.acquire().await.forget() });
        other.join().unwrap();
        assert_eq!(semaphore.available(), 0);
    });
}

#[test]
fn a_wait_on_a_condition_misses_nothing_that_is_done_after_it_released_the_lock() {
    loom::model(|| {
        let desk = Arc::new((counter(), Condition::<Shared>::new()));
        let other = {
            let desk = desk.clone();
            thread::spawn(move || {
                // Only one who finds the lock free changes anything.
                if let Some(mut value) = desk.0.try_acquire() {
                    value.add();
                    desk.1.notify(1);
                    return true;
                }
                false
            })
        };
        run(async {
            let mut value = desk.0.acquire().await;
            let mut wait = pin!(desk.1.wait_for(&mut value, |value| value.get() == 1));
            let done = poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_ready())).await;
            let changed = other.join().unwrap();
            assert!(changed || !done);
            if changed && !done {
                wait.await;
            }
        });
    });
}

#[test]
fn a_barrier_lets_two_threads_pass_twice() {
    loom::model(|| {
        let barrier: Arc<Barrier<Shared>> = Arc::new(Barrier::new(2));
        let rounds = |barrier: Arc<Barrier<Shared>>| {
            run(async { [barrier.wait().await.unwrap(), barrier.wait().await.unwrap()] })
        };
        let other = {
            let barrier = barrier.clone();
            thread::spawn(move || rounds(barrier))
        };
        let own = rounds(barrier);
        let other = other.join().unwrap();
        assert_eq!([own[0] + other[0], own[1] + other[1]], [1, 1]);
    });
}

#[test]
fn a_barrier_that_is_aborted_fails_both_or_none() {
    loom::model(|| {
        let barrier: Arc<Barrier<Shared>> = Arc::new(Barrier::new(2));
        let other = {
            let barrier = barrier.clone();
            thread::spawn(move || run(async { barrier.wait().await.is_ok() }))
        };
        let aborts = {
            let barrier = barrier.clone();
            thread::spawn(move || barrier.abort())
        };
        let own = run(async { barrier.wait().await.is_ok() });
        let other = other.join().unwrap();
        aborts.join().unwrap();
        assert_eq!(own, other);
        assert!(barrier.broken());
    });
}
