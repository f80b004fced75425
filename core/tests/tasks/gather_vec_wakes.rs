//! Who is polled for which wake in a `gather` of a number of futures that is known at run time.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{Event, Fixed, Local, OwnedLoop, Queue, Shared, create_task, gather, yield_now};

use crate::support::Parking;

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

#[test]
fn the_woken_are_polled_first_woken_first() {
    run(async {
        let (log, events) = (RefCell::new(Vec::new()), [const { Event::<Local>::new() }; 4]);
        let children: Vec<_> = (0..4)
            .map(|n| {
                let (log, event) = (&log, &events[n]);
                async move {
                    event.wait().await;
                    log.borrow_mut().push(n);
                }
            })
            .collect();
        let wakes = async {
            yield_now().await;
            for n in [2, 0, 3, 1] {
                events[n].set();
            }
        };
        gather((gather(children), wakes)).await.0.unwrap();
        assert_eq!(log.into_inner(), [2, 0, 3, 1]);
    });
}

/// Wakes itself each time, `self.0` times.
struct Restless(u32);

impl Future for Restless {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[test]
fn what_wakes_itself_waits_for_the_next_turn() {
    run(async {
        let turns = Rc::new(Cell::new(0));
        let counter = turns.clone();
        let other = create_task(async move {
            loop {
                counter.set(counter.get() + 1);
                yield_now().await;
            }
        });
        gather(vec![Restless(50), Restless(20)]).await;
        assert!((49..=51).contains(&turns.get()), "{}", turns.get());
        other.cancel();
    });
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Keeps the wakers that it is polled with.
struct Keeps(Rc<RefCell<Vec<Waker>>>);

impl Future for Keeps {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.borrow_mut().push(cx.waker().clone());
        Poll::Pending
    }
}

#[test]
fn many_wakes_are_one_and_stale_ones_none() {
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(count.clone());
    let kept = Rc::new(RefCell::new(Vec::new()));
    let mut all = Box::pin(gather((0..3).map(|_| Keeps(kept.clone())).collect::<Vec<_>>()));
    let mut poll = |waker: &Waker| assert!(all.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    let wake_all = || kept.borrow().iter().for_each(Waker::wake_by_ref);
    poll(&waker);
    assert_eq!(kept.borrow().len(), 3);
    wake_all();
    wake_all();
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    poll(&waker);
    assert_eq!(kept.borrow().len(), 6);
    // Polled for another one, it wakes that one.
    let other = Arc::new(Count(AtomicUsize::new(0)));
    poll(&Waker::from(other.clone()));
    wake_all();
    let counts = || (count.0.load(Ordering::Relaxed), other.0.load(Ordering::Relaxed));
    assert_eq!(counts(), (1, 1));
    // Only those that were woken are polled.
    assert_eq!(kept.borrow().len(), 6);
    poll(&waker);
    assert_eq!(kept.borrow().len(), 9);
    drop(all);
    // The one that polled them is kept no longer, and no wake reaches it.
    drop(waker);
    assert_eq!((Arc::strong_count(&count), Arc::strong_count(&other)), (1, 1));
    wake_all();
    assert_eq!(counts(), (1, 1));
}

const ITEMS: u32 = if cfg!(miri) { 10 } else { 500 };

#[test]
fn wakes_from_other_threads_are_not_lost() {
    static QUEUES: [Queue<u32, Fixed<4>, Shared>; 8] = [const { Queue::new() }; 8];
    let (platform, unparker) = Parking::new();
    let feeders: Vec<_> = (0..8)
        .map(|n| {
            thread::spawn(move || {
                for item in 0..ITEMS {
                    while QUEUES[n].put_nowait(item).is_err() {
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    OwnedLoop::new(unparker)
        .run(&platform, &[], async {
            let readers = QUEUES.iter().map(|queue| async {
                for item in 0..ITEMS {
                    assert_eq!(queue.get().await, Ok(item));
                }
            });
            assert!(gather(readers.collect::<Vec<_>>()).await.iter().all(Result::is_ok));
        })
        .unwrap();
    feeders.into_iter().for_each(|feeder| feeder.join().unwrap());
}
