//! What crosses threads, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use std::future::poll_fn;
use std::task::Poll;

use crate::model::{Model, run};
use everloop_core::{Event, Fixed, Future as Cell, OwnedLoop, Queue, Shared, create_task, yield_now};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

/// Hands its waker to a thread and waits to be woken by it.
async fn woken_by_a_thread(by_value: bool) {
    let flag = Arc::new(AtomicUsize::new(0));
    let mut thread = None;
    poll_fn(|cx| {
        if thread.is_none() {
            let (flag, waker) = (flag.clone(), cx.waker().clone());
            thread = Some(thread::spawn(move || {
                flag.store(1, Ordering::Relaxed);
                if by_value {
                    waker.wake();
                } else {
                    waker.wake_by_ref();
                }
            }));
        }
        // Relaxed on both sides: the wake itself must carry the store over.
        if flag.load(Ordering::Relaxed) == 1 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    thread.unwrap().join().unwrap();
}

#[test]
fn a_remote_wake_is_not_lost() {
    loom::model(|| run(woken_by_a_thread(true)));
    loom::model(|| run(woken_by_a_thread(false)));
}

#[test]
fn a_remote_wake_of_a_task_is_not_lost() {
    loom::model(|| run(async { create_task(woken_by_a_thread(true)).await.unwrap() }));
}

#[test]
fn two_threads_wake_one_task() {
    loom::model(|| {
        run(async {
            let count = Arc::new(AtomicUsize::new(0));
            let mut threads = Vec::new();
            poll_fn(|cx| {
                if threads.is_empty() {
                    for _ in 0..2 {
                        let (count, waker) = (count.clone(), cx.waker().clone());
                        threads.push(thread::spawn(move || {
                            count.fetch_add(1, Ordering::Relaxed);
                            waker.wake();
                        }));
                    }
                }
                if count.load(Ordering::Relaxed) == 2 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            for thread in threads {
                thread.join().unwrap();
            }
        });
    });
}

#[test]
fn a_stale_waker_may_outlive_task_and_loop() {
    loom::model(|| {
        let (platform, unparker) = Model::new();
        let event_loop = OwnedLoop::new(unparker);
        let thread = event_loop
            .run(&platform, &[], async {
                let waker = create_task(poll_fn(|cx| Poll::Ready(cx.waker().clone()))).await.unwrap();
                // Wakes, clones and drops while the loop goes on, ends, and is freed.
                let thread = thread::spawn(move || {
                    waker.wake_by_ref();
                    drop(waker.clone());
                    waker.wake();
                });
                yield_now().await;
                thread
            })
            .unwrap();
        drop(event_loop);
        thread.join().unwrap();
    });
}

#[test]
fn the_main_tasks_waker_may_outlive_the_loop() {
    loom::model(|| {
        let (platform, unparker) = Model::new();
        let event_loop = OwnedLoop::new(unparker);
        let thread = event_loop
            .run(&platform, &[], async {
                let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
                thread::spawn(move || waker.wake())
            })
            .unwrap();
        drop(event_loop);
        thread.join().unwrap();
    });
}

#[test]
fn a_handle_is_dropped_while_its_task_is_woken() {
    loom::model(|| {
        run(async {
            let mut waker = None;
            let task = create_task(poll_fn(move |cx| {
                if waker.replace(cx.waker().clone()).is_none() {
                    let waker = cx.waker().clone();
                    thread::spawn(move || waker.wake());
                    return Poll::Pending;
                }
                Poll::Ready(())
            }));
            yield_now().await;
            task.cancel();
            drop(task);
            yield_now().await;
        });
    });
}

#[test]
fn a_shared_event_wakes_from_a_thread() {
    loom::model(|| {
        let event: Arc<Event<Shared>> = Arc::new(Event::new());
        let setter = {
            let event = event.clone();
            thread::spawn(move || event.set())
        };
        run(async { event.wait().await });
        assert!(event.is_set());
        setter.join().unwrap();
    });
}

#[test]
fn a_shared_queue_loses_nothing() {
    loom::model(|| {
        let queue: Arc<Queue<u32, Fixed<1>, Shared>> = Arc::new(Queue::new());
        let putter = {
            let queue = queue.clone();
            thread::spawn(move || queue.put_nowait(1).unwrap())
        };
        assert_eq!(run(async { queue.get().await }), Ok(1));
        putter.join().unwrap();
        assert!(queue.empty());
    });
}

/// A cell whose setter writes before with no order of its own: setting must carry it over.
#[derive(Default)]
struct Told {
    written: AtomicUsize,
    cell: Cell<u32, u32, Shared>,
}

impl Told {
    fn set(&self, value: u32) -> bool {
        self.written.store(1, Ordering::Relaxed);
        self.cell.set_result(value).is_ok()
    }

    async fn get(&self) -> u32 {
        let value = *self.cell.wait().await.unwrap();
        assert_eq!(self.written.load(Ordering::Relaxed), 1);
        value
    }
}

#[test]
fn setting_a_shared_future_wakes_both_waiters() {
    loom::model(|| {
        let told = Arc::new(Told::default());
        let setter = {
            let told = told.clone();
            thread::spawn(move || assert!(told.set(7)))
        };
        run(async {
            let (first, second) = (told.clone(), told.clone());
            let first = create_task(async move { first.get().await });
            let second = create_task(async move { second.get().await });
            assert_eq!((first.await, second.await), (Ok(7), Ok(7)));
        });
        setter.join().unwrap();
    });
}

#[test]
fn a_waiter_is_dropped_while_a_shared_future_is_set() {
    loom::model(|| {
        let told = Arc::new(Told::default());
        let setter = {
            let told = told.clone();
            thread::spawn(move || assert!(told.set(7)))
        };
        run(async {
            {
                let mut dropped = std::pin::pin!(told.cell.wait());
                poll_fn(|cx| Poll::Ready(dropped.as_mut().poll(cx).is_ready())).await;
            }
            assert_eq!(told.get().await, 7);
        });
        setter.join().unwrap();
    });
}

#[test]
fn of_two_that_set_a_shared_future_one_wins() {
    loom::model(|| {
        let told = Arc::new(Told::default());
        let setter = {
            let told = told.clone();
            thread::spawn(move || told.set(7))
        };
        let cancelled = told.cell.cancel();
        let value = run(async { told.cell.wait().await.copied() });
        assert_ne!(setter.join().unwrap(), cancelled);
        assert_eq!(value.is_ok(), !cancelled);
        assert_eq!(told.cell.cancelled(), cancelled);
    });
}
