//! The semaphores between three threads, with waiters that leave, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use crate::model::{Sent, block_on, join_all, waits};
use everloop_core::{BoundedSemaphore, Semaphore, Shared};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

type Permits = Arc<Semaphore<Shared>>;

fn permits(free: usize) -> Permits {
    Arc::new(Semaphore::new(free))
}

/// Takes a permit as asyncio does: for good.
fn takes(semaphore: &Permits) -> Sent<()> {
    let semaphore = semaphore.clone();
    Box::pin(async move { semaphore.acquire().await.forget() })
}

fn releases(semaphore: &Permits) -> thread::JoinHandle<()> {
    let semaphore = semaphore.clone();
    thread::spawn(move || semaphore.release().unwrap())
}

#[test]
fn two_releases_wake_two_waiters() {
    loom::model(|| {
        let semaphore = permits(0);
        let (mut first, mut second) = (takes(&semaphore), takes(&semaphore));
        waits(&mut first);
        waits(&mut second);
        let others = [(); 2].map(|()| releases(&semaphore));
        block_on(second);
        block_on(first);
        join_all(others);
        assert!(semaphore.locked());
    });
}

#[test]
fn two_releases_wake_two_threads() {
    loom::model(|| {
        let semaphore = permits(0);
        let other = {
            let semaphore = semaphore.clone();
            thread::spawn(move || block_on(takes(&semaphore)))
        };
        let releaser = releases(&semaphore);
        semaphore.release().unwrap();
        block_on(takes(&semaphore));
        other.join().unwrap();
        releaser.join().unwrap();
        assert!(semaphore.locked());
    });
}

#[test]
fn a_waiter_that_leaves_during_a_release_hands_the_permit_to_the_next() {
    loom::model(|| {
        let semaphore = permits(0);
        let (mut leaves, mut stays) = (takes(&semaphore), takes(&semaphore));
        waits(&mut leaves);
        waits(&mut stays);
        let leaver = thread::spawn(move || drop(leaves));
        let releaser = releases(&semaphore);
        block_on(stays);
        leaver.join().unwrap();
        releaser.join().unwrap();
        assert!(semaphore.locked());
    });
}

#[test]
fn a_newcomer_does_not_pass_who_waits() {
    loom::model(|| {
        let semaphore = permits(0);
        let mut waiter = takes(&semaphore);
        waits(&mut waiter);
        let releaser = releases(&semaphore);
        assert!(semaphore.try_acquire().is_none());
        releaser.join().unwrap();
        assert!(semaphore.try_acquire().is_none());
        block_on(waiter);
    });
}

#[test]
fn no_more_hold_a_permit_than_there_are() {
    loom::model(|| {
        let semaphore = permits(2);
        let inside = Arc::new(AtomicUsize::new(0));
        let one = |semaphore: Permits, inside: Arc<AtomicUsize>| {
            block_on(async {
                let _permit = semaphore.acquire().await;
                assert!(inside.fetch_add(1, Ordering::Relaxed) < 2);
                inside.fetch_sub(1, Ordering::Relaxed);
            });
        };
        let others = [(); 2].map(|()| {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            thread::spawn(move || one(semaphore, inside))
        });
        one(semaphore.clone(), inside);
        join_all(others);
        assert_eq!(semaphore.available(), 2);
    });
}

#[test]
fn a_bounded_one_takes_back_what_was_forgotten_once() {
    loom::model(|| {
        let semaphore: Arc<BoundedSemaphore<Shared>> = Arc::new(BoundedSemaphore::new(2));
        let (forgotten, held) = (semaphore.try_acquire().unwrap(), semaphore.try_acquire().unwrap());
        forgotten.forget();
        let releasers = [(); 2].map(|()| {
            let semaphore = semaphore.clone();
            thread::spawn(move || semaphore.release().is_ok())
        });
        drop(held);
        let [first, second] = releasers.map(|releaser| releaser.join().unwrap());
        assert!(first != second);
        assert_eq!(semaphore.available(), 2);
    });
}
