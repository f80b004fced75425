//! `Condition` between three threads, with waiters that leave, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use std::future::poll_fn;
use std::pin::Pin;

use crate::model::{block_on, join_all, run, waits};
use everloop_core::{Condition, Lock, Shared, create_task, yield_now};
use loom::sync::Arc;
use loom::thread;

struct Desk {
    lock: Lock<u32, Shared>,
    condition: Condition<Shared>,
}

fn desk() -> Arc<Desk> {
    Arc::new(Desk { lock: Lock::new(0), condition: Condition::new() })
}

/// Waits for a notification, and gives the value then.
fn wait(desk: &Arc<Desk>) -> Pin<Box<dyn Future<Output = u32>>> {
    let desk = desk.clone();
    Box::pin(async move {
        let mut value = desk.lock.acquire().await;
        desk.condition.wait(&mut value).await;
        *value
    })
}

/// Notifies one, from a thread.
fn notifies(desk: &Arc<Desk>) -> thread::JoinHandle<()> {
    let desk = desk.clone();
    thread::spawn(move || desk.condition.notify(1))
}

/// Adds one and notifies one, from a thread.
fn adds(desk: &Arc<Desk>) -> thread::JoinHandle<()> {
    let desk = desk.clone();
    thread::spawn(move || {
        block_on(async {
            let mut value = desk.lock.acquire().await;
            *value += 1;
            desk.condition.notify(1);
        });
    })
}

#[test]
fn a_waiter_that_leaves_hands_its_notification_to_the_next() {
    loom::model(|| {
        let desk = desk();
        let (mut leaves, mut stays) = (wait(&desk), wait(&desk));
        waits(&mut leaves);
        waits(&mut stays);
        let notifier = notifies(&desk);
        drop(leaves);
        block_on(stays);
        notifier.join().unwrap();
        assert!(!desk.lock.locked());
    });
}

#[test]
fn a_waiter_that_leaves_while_it_takes_the_lock_again_hands_on_both() {
    loom::model(|| {
        let desk = desk();
        let (mut leaves, mut stays) = (wait(&desk), wait(&desk));
        waits(&mut leaves);
        waits(&mut stays);
        let adder = adds(&desk);
        // Notified or not; with the lock, waiting for it, or not yet.
        let done = crate::model::poll_once(&mut leaves);
        drop(leaves);
        match done {
            Some(value) => assert_eq!(value, 1),
            None => assert_eq!(block_on(stays), 1),
        }
        adder.join().unwrap();
        assert!(!desk.lock.locked());
    });
}

#[test]
fn two_that_notify_wake_two() {
    loom::model(|| {
        let desk = desk();
        let (mut first, mut second) = (wait(&desk), wait(&desk));
        waits(&mut first);
        waits(&mut second);
        let notifiers = [(); 2].map(|()| notifies(&desk));
        // The first may have to be polled to let the lock go on.
        let mut first = Some(first);
        block_on(async {
            poll_fn(|cx| {
                if let Some(waiter) = &mut first
                    && waiter.as_mut().poll(cx).is_ready()
                {
                    first = None;
                }
                second.as_mut().poll(cx)
            })
            .await;
            if let Some(first) = first {
                first.await;
            }
        });
        join_all(notifiers);
        assert!(!desk.lock.locked());
    });
}

#[test]
fn what_two_threads_add_one_waiter_sees() {
    loom::model(|| {
        let desk = desk();
        let adders = [(); 2].map(|()| adds(&desk));
        block_on(async {
            let mut value = desk.lock.acquire().await;
            desk.condition.wait_for(&mut value, |value| *value == 2).await;
            assert_eq!(*value, 2);
        });
        join_all(adders);
    });
}

#[test]
fn a_cancelled_waiter_hands_its_notification_to_the_next() {
    loom::model(|| {
        let desk = desk();
        let notifier = run(async {
            let cancelled = create_task(wait(&desk));
            let stays = create_task(wait(&desk));
            yield_now().await;
            let notifier = notifies(&desk);
            cancelled.cancel();
            let lost = cancelled.await;
            // It may have had the lock and its notification by then.
            if lost.is_err() {
                stays.await.unwrap();
            }
            notifier
        });
        notifier.join().unwrap();
        assert!(!desk.lock.locked());
    });
}
