//! `Lock` between three threads, with waiters that leave, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use crate::model::{Sent, block_on, join_all, poll_once, waits};
use everloop_core::{Lock, LockGuard, Shared};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// A number that loom watches: two that use it with no order between them are a failure.
struct Watched(UnsafeCell<u32>);

type Counter = Arc<Lock<Watched, Shared>>;

fn counter() -> Counter {
    Arc::new(Lock::new(Watched(UnsafeCell::new(0))))
}

fn add(guard: LockGuard<'_, Watched, Shared>) -> u32 {
    // SAFETY: the guard is had by value.
    guard.0.with_mut(|number| unsafe {
        *number += 1;
        *number
    })
}

/// Waits for the lock and adds one.
fn adds(lock: &Counter) -> Sent<u32> {
    let lock = lock.clone();
    Box::pin(async move { add(lock.acquire().await) })
}

#[test]
fn three_threads_have_it_one_at_a_time() {
    loom::model(|| {
        let lock = counter();
        let others = [(); 2].map(|()| {
            let lock = lock.clone();
            thread::spawn(move || block_on(adds(&lock)))
        });
        let own = block_on(adds(&lock));
        let mut all = others.map(|other| other.join().unwrap()).to_vec();
        all.push(own);
        all.sort();
        assert_eq!(all, [1, 2, 3]);
        assert!(!lock.locked());
    });
}

#[test]
fn a_waiter_that_leaves_during_a_release_hands_it_to_the_next() {
    loom::model(|| {
        let lock = counter();
        let holder = {
            // Holds it until the thread polls it again.
            let lock = lock.clone();
            let mut future: Sent<u32> = Box::pin(async move {
                let guard = lock.acquire().await;
                let mut polled = false;
                std::future::poll_fn(|_| {
                    if std::mem::replace(&mut polled, true) {
                        std::task::Poll::Ready(())
                    } else {
                        std::task::Poll::Pending
                    }
                })
                .await;
                add(guard)
            });
            waits(&mut future);
            future
        };
        let (mut leaves, mut stays) = (adds(&lock), adds(&lock));
        waits(&mut leaves);
        waits(&mut stays);
        let leaver = thread::spawn(move || drop(leaves));
        let holder = thread::spawn(move || {
            let mut holder = holder;
            assert_eq!(poll_once(&mut holder), Some(1));
        });
        assert_eq!(block_on(stays), 2);
        leaver.join().unwrap();
        holder.join().unwrap();
        assert!(!lock.locked());
    });
}

#[test]
fn a_newcomer_does_not_pass_who_waits() {
    loom::model(|| {
        let lock = counter();
        let mut waiter = adds(&lock);
        let guard = lock.try_acquire().unwrap();
        waits(&mut waiter);
        let newcomer = {
            let lock = lock.clone();
            thread::spawn(move || lock.try_acquire().map(add))
        };
        drop(guard);
        // It is not had before the newcomer has tried.
        assert_eq!(newcomer.join().unwrap(), None);
        assert_eq!(block_on(waiter), 1);
    });
}

#[test]
fn two_waiters_that_leave_at_once_leave_it_free() {
    loom::model(|| {
        let lock = counter();
        let guard = lock.try_acquire().unwrap();
        let leavers = [(); 2].map(|()| {
            let mut leaves = adds(&lock);
            waits(&mut leaves);
            thread::spawn(move || drop(leaves))
        });
        drop(guard);
        join_all(leavers);
        assert!(lock.try_acquire().is_some());
    });
}
