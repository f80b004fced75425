//! What random programs found of those who wait, each as the smallest program that showed it.
#![cfg(feature = "std")]

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};

use everloop_core::{Barrier, Condition, Fixed, Lock, Queue, QueueShutDown, Shared};

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

thread_local! {
    /// What the next wake calls.
    static CALLS: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

struct Calls;

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        let call = CALLS.take();
        if let Some(call) = call {
            call();
        }
    }
}

/// What was left of the outer one went to those who came while it went on.
#[test]
fn a_notify_within_a_notify_keeps_none_for_those_who_come_later() {
    let all = Rc::new((Lock::<u32>::new(0), <Condition>::new()));
    let wait = || {
        let all = all.clone();
        let wait: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
            let mut guard = all.0.acquire().await;
            all.1.wait(&mut guard).await;
        });
        wait
    };
    let calls = Waker::from(Arc::new(Calls));
    let (mut first, others) = (wait(), Rc::new(RefCell::new([wait(), wait()])));
    assert!(first.as_mut().poll(&mut Context::from_waker(&calls)).is_pending());
    let (within, come) = (all.clone(), others.clone());
    CALLS.set(Some(Box::new(move || {
        for other in come.borrow_mut().iter_mut() {
            assert!(other.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        within.1.notify(1);
    })));
    all.1.notify(5);
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_ready());
    let [second, third] = &mut *others.borrow_mut();
    assert!(second.as_mut().poll(&mut context).is_ready());
    assert!(third.as_mut().poll(&mut context).is_pending(), "it came after the one, and behind the other");
    all.1.notify(0);
    assert!(third.as_mut().poll(&mut context).is_pending());
    all.1.notify(1);
    assert!(third.as_mut().poll(&mut context).is_ready());
}

/// Calls what is to be called when it is cloned; the clone panics when it is dropped.
fn meddling() -> Waker {
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |_| {
            let call = CALLS.take();
            if let Some(call) = call {
                call();
            }
            RawWaker::new(std::ptr::null(), &PANICS)
        },
        |_| {},
        |_| {},
        |_| {},
    );
    static PANICS: RawWakerVTable = RawWakerVTable::new(
        |_| RawWaker::new(std::ptr::null(), &PANICS),
        |_| {},
        |_| {},
        |_| panic!("the drop of a waker panics"),
    );
    // SAFETY: it refers to nothing.
    unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &TABLE)) }
}

/// The others were not told, and waited until somebody else came.
#[test]
fn a_full_barrier_lets_all_go_though_the_drop_of_a_waker_of_the_last_panics() {
    let barrier: Rc<Barrier> = Rc::new(Barrier::new(2));
    let party = || {
        let barrier = barrier.clone();
        Box::pin(async move { barrier.wait().await })
    };
    let (first, mut last) = (Rc::new(RefCell::new(party())), party());
    let comes = first.clone();
    // The last one comes first, and is the last by the time it has a waker.
    CALLS.set(Some(Box::new(move || {
        assert!(comes.borrow_mut().as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    })));
    assert_eq!(last.as_mut().poll(&mut Context::from_waker(&meddling())), Poll::Ready(Ok(1)));
    let told = first.borrow_mut().as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(told, Poll::Ready(Ok(0)));
}
