//! What random programs found of those who wait, each as the smallest program that showed it.
#![cfg(feature = "std")]

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use everloop_core::{Condition, Fixed, Lock, Queue, QueueShutDown, Shared};

type Items = Queue<u32, Fixed<1>>;
type Get = Pin<Box<dyn Future<Output = Result<u32, QueueShutDown>>>>;

thread_local! {
    /// What the next wake drops.
    static LEAVES: RefCell<Option<Get>> = const { RefCell::new(None) };
}

struct Drops;

impl Wake for Drops {
    fn wake(self: Arc<Self>) {
        drop(LEAVES.take());
    }
}

fn poll(get: &mut Get, waker: &Waker) -> Poll<Result<u32, QueueShutDown>> {
    get.as_mut().poll(&mut Context::from_waker(waker))
}

/// It went to one who came later, and the one before got nothing.
#[test]
fn a_getter_that_leaves_during_a_shutdown_leaves_its_item_to_who_waits_longest() {
    // Owned by its getters, since the wake has one of them.
    let queue: Rc<Items> = Rc::new(Queue::new());
    let get = || -> Get {
        let queue = queue.clone();
        Box::pin(async move { queue.get().await })
    };
    let [mut promised, mut first, mut second] = [get(), get(), get()];
    assert!(poll(&mut promised, Waker::noop()).is_pending());
    assert!(poll(&mut first, &Waker::from(Arc::new(Drops))).is_pending());
    assert!(poll(&mut second, Waker::noop()).is_pending());
    queue.put_nowait(1).unwrap();
    LEAVES.set(Some(promised));
    // Wakes the first, whose waker drops the one with the promise while the second is yet to be told.
    queue.shutdown(false);
    assert_eq!(poll(&mut first, Waker::noop()), Poll::Ready(Ok(1)));
    assert_eq!(poll(&mut second, Waker::noop()), Poll::Ready(Err(QueueShutDown(()))));
}

/// Counts how often it is woken while the lock is free.
#[derive(Default)]
struct FindsItFree {
    lock: Lock<(), Shared>,
    times: AtomicU32,
}

impl Wake for FindsItFree {
    fn wake(self: Arc<Self>) {
        if !self.lock.locked() {
            self.times.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// It was woken first, and could not have the lock.
#[test]
fn a_wait_that_leaves_with_both_lets_go_of_the_lock_before_its_notification_goes_to_another() {
    let desk = Arc::new(FindsItFree::default());
    let condition: Condition<Shared> = Condition::new();
    let wait = async || {
        let mut guard = desk.lock.acquire().await;
        condition.wait(&mut guard).await;
    };
    let mut leaves = Box::pin(wait());
    let mut next = Box::pin(wait());
    let waker = Waker::from(desk.clone());
    assert!(leaves.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let guard = desk.lock.try_acquire().unwrap();
    condition.notify(1);
    assert!(leaves.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    // It has the notification, and now the lock, too.
    drop(guard);
    drop(leaves);
    assert_eq!(desk.times.load(Ordering::Relaxed), 1);
}
