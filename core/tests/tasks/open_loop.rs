//! A loop that stays open between runs, and what safe code can do to it in between. Worth running under Miri.
#![allow(clippy::async_yields_async)] // a future is the output, on purpose
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

fn open() -> OpenLoop<OwnedLoop, VirtualTime> {
    OwnedLoop::new(UNPARKER).open(VirtualTime::new(), &[]).unwrap()
}

/// Is ready once `ready` is set; keeps the waker it was last polled with.
async fn gate(ready: Rc<Cell<bool>>, waker: Rc<RefCell<Option<Waker>>>) {
    poll_fn(|cx| {
        *waker.borrow_mut() = Some(cx.waker().clone());
        if ready.get() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Cleans up for a while when it is cancelled.
async fn cleans_up(done: Rc<Cell<bool>>) {
    if let Err(cancelled) = catch_cancel(sleep(Duration::from_secs(3600))).await {
        sleep(Duration::from_secs(1)).await;
        done.set(true);
        cancelled.resume().await;
    }
}

struct Counts(Rc<Cell<u32>>);
impl Drop for Counts {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn what_is_left_goes_on_in_the_next_run() {
    let mut l = open();
    let steps = Rc::new(Cell::new(0));
    let count = steps.clone();
    l.run(async {
        create_task(async move {
            loop {
                count.set(count.get() + 1);
                yield_now().await;
            }
        });
        yield_now().await;
    })
    .unwrap();
    assert_eq!(steps.get(), 1);
    thread::sleep(std::time::Duration::from_millis(1));
    assert_eq!(steps.get(), 1);
    l.run(async {
        yield_now().await;
        yield_now().await;
    })
    .unwrap();
    assert!(steps.get() > 1);
}

#[test]
fn a_timer_set_in_one_run_fires_in_the_next() {
    let mut l = open();
    let task = l.run(async { create_task(async { sleep(Duration::from_secs(5)).await }) }).unwrap();
    l.run(async { sleep(Duration::from_secs(2)).await }).unwrap();
    assert!(!task.done());
    l.run(async { task.await.unwrap() }).unwrap();
}

#[test]
fn a_timer_is_dropped_between_runs() {
    let mut l = open();
    let sleeping = l
        .run(async {
            let mut sleeping = Box::pin(sleep(Duration::from_secs(1)));
            poll_fn(|cx| {
                assert!(sleeping.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            sleeping
        })
        .unwrap();
    drop(sleeping);
    l.run(async { sleep(Duration::from_secs(2)).await }).unwrap();
}

#[test]
fn a_handle_dropped_between_runs_drops_the_output_and_lets_nothing_go() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    static POOL: TaskPool<1, 128> = TaskPool::new();
    let mut l = LOOP.open(VirtualTime::new(), &[&POOL]).unwrap();
    let drops = Rc::new(Cell::new(0));
    let (one, two) = (Counts(drops.clone()), Counts(drops.clone()));
    let (in_pool, on_heap) = l
        .run(async {
            let in_pool = POOL.create_task(async { one });
            let on_heap = create_task(async { two });
            yield_now().await;
            (in_pool, on_heap)
        })
        .unwrap();
    assert!(in_pool.done() && on_heap.done());
    drop((in_pool, on_heap));
    assert_eq!(drops.get(), 2);
    let elsewhere = thread::spawn(|| LOOP.run(&VirtualTime::new(), &[], async {})).join().unwrap();
    assert_eq!(elsewhere, Err(RunError::AlreadyRunning));
    // The slot is free again.
    assert_eq!(l.run(async { POOL.create_task(async { 1 }).await }), Ok(Ok(1)));
    l.close().unwrap();
    thread::spawn(|| LOOP.run(&VirtualTime::new(), &[&POOL], async {})).join().unwrap().unwrap();
}

#[test]
fn a_handle_of_a_pending_task_dropped_between_runs_detaches_it() {
    let mut l = open();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let task = l
        .run(async {
            create_task(async move {
                sleep(Duration::from_secs(1)).await;
                flag.set(true);
            })
        })
        .unwrap();
    drop(task);
    l.run(async { sleep(Duration::from_secs(2)).await }).unwrap();
    assert!(done.get());
}

#[test]
fn a_cancel_between_runs_is_delivered_in_the_next() {
    let mut l = open();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let task = l
        .run(async {
            let task = create_task(cleans_up(flag));
            yield_now().await;
            task
        })
        .unwrap();
    assert!(task.cancel());
    assert!(!done.get());
    assert!(l.run(async { task.await }).unwrap().is_err());
    assert!(done.get());
}

/// The request puts the task into the inbox, which counts: the waker that is kept must stay good.
#[test]
fn a_cancel_between_runs_leaves_the_wakers_good() {
    let mut l = open();
    let (ready, kept) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(None)));
    let task = l
        .run(async {
            let task = create_task(gate(ready.clone(), kept.clone()));
            yield_now().await;
            task
        })
        .unwrap();
    task.cancel();
    drop(task);
    l.run(yield_now()).unwrap();
    let waker = kept.borrow_mut().take().unwrap();
    drop(l);
    waker.wake_by_ref();
    drop(waker);
}

#[test]
fn a_wake_between_runs_is_not_lost() {
    let mut l = open();
    for elsewhere in [false, true] {
        let (ready, kept) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(None)));
        let task = l
            .run(async {
                let task = create_task(gate(ready.clone(), kept.clone()));
                yield_now().await;
                task
            })
            .unwrap();
        ready.set(true);
        let waker = kept.borrow_mut().take().unwrap();
        if elsewhere {
            thread::spawn(move || waker.wake()).join().unwrap();
        } else {
            let again = waker.clone();
            waker.wake();
            again.wake();
        }
        // A lost wake is a deadlock, which virtual time reports.
        l.run(async { task.await.unwrap() }).unwrap();
    }
}

#[test]
fn a_main_that_is_queued_when_it_ends_does_not_disturb_the_next() {
    let mut l = open();
    let order = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..3 {
        let log = order.clone();
        l.run(poll_fn(|cx| {
            for n in 0..3 {
                let log = log.clone();
                create_task(async move { log.borrow_mut().push(n) });
                cx.waker().wake_by_ref();
            }
            Poll::Ready(())
        }))
        .unwrap();
    }
    l.run(yield_now()).unwrap();
    assert_eq!(*order.borrow(), [0, 1, 2, 0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_stale_waker_of_an_earlier_main_is_a_spurious_poll() {
    let mut l = open();
    let stale = l.run(poll_fn(|cx| Poll::Ready(cx.waker().clone()))).unwrap();
    stale.wake_by_ref();
    l.run(async {
        stale.wake_by_ref();
        sleep(Duration::from_secs(1)).await;
    })
    .unwrap();
    stale.wake_by_ref();
    drop(l);
    stale.wake();
}

#[test]
fn close_cancels_what_is_left_and_waits_for_its_cleanup() {
    let mut l = open();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    l.run(async {
        create_task(cleans_up(flag));
        yield_now().await;
    })
    .unwrap();
    assert!(!done.get());
    l.close().unwrap();
    assert!(done.get() && l.is_closed());
    l.close().unwrap();
    assert_eq!(l.run(async {}), Err(RunError::Closed));
}

#[test]
fn dropping_it_closes_it() {
    let mut l = open();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let handle = l
        .run(async {
            let task = create_task(cleans_up(flag));
            yield_now().await;
            task
        })
        .unwrap();
    drop(l);
    assert!(done.get() && handle.cancelled());
}

#[test]
fn inside_another_loop_run_and_close_are_errors_and_a_drop_cleans_nothing_up() {
    let mut l = open();
    let (done, drops) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0)));
    let (flag, counts) = (done.clone(), Counts(drops.clone()));
    let handle = l
        .run(async {
            let task = create_task(async move {
                let _counts = counts;
                cleans_up(flag).await;
            });
            yield_now().await;
            task
        })
        .unwrap();
    open()
        .run(async {
            assert_eq!(l.run(async {}), Err(RunError::Nested));
            assert_eq!(l.close(), Err(RunError::Nested));
            assert!(!l.is_closed());
            drop(l);
            assert_eq!(drops.get(), 1);
            // The loop around is still the current one.
            yield_now().await;
            create_task(async {}).await.unwrap();
        })
        .unwrap();
    assert!(!done.get() && handle.cancelled());
}

#[test]
fn a_task_may_be_waited_for_in_another_loop() {
    let mut l = open();
    let task = l
        .run(async {
            create_task(async {
                sleep(Duration::from_secs(1)).await;
                7
            })
        })
        .unwrap();
    let mut join = Box::pin(task.into_future());
    // Never in time, since only its own loop runs it.
    let mut other = open();
    let polled = poll_fn(|cx| Poll::Ready(join.as_mut().poll(cx).is_pending()));
    assert!(other.run(polled).unwrap());
    drop(other);
    // Wakes the main task of a loop that is gone.
    l.run(sleep(Duration::from_secs(2))).unwrap();
    assert_eq!(open().run(join), Ok(Ok(7)));
}

#[test]
fn a_panic_of_main_leaves_it_open() {
    let mut l = open();
    let task = l.run(async { create_task(async { 5 }) }).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| l.run(async { panic!("on purpose") }))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
    assert_eq!(l.run(async { task.await }), Ok(Ok(5)));
}

#[test]
fn a_panic_of_the_platform_closes_it() {
    let mut l = open();
    let drops = Rc::new(Cell::new(0));
    let (in_main, in_task) = (Counts(drops.clone()), Counts(drops.clone()));
    let deadlock = catch_unwind(AssertUnwindSafe(|| {
        l.run(async {
            let _counts = in_main;
            create_task(async move {
                let _counts = in_task;
                std::future::pending::<()>().await
            });
            std::future::pending::<()>().await
        })
    }));
    assert!(deadlock.is_err());
    assert_eq!(drops.get(), 2);
    assert!(l.is_closed());
    assert_eq!(l.run(async {}), Err(RunError::Closed));
    open().run(async {}).unwrap();
}

#[test]
fn a_loop_that_was_closed_is_not_taken_for_the_one_somebody_else_opened() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let mut first = LOOP.open(VirtualTime::new(), &[]).unwrap();
    assert_eq!(LOOP.open(VirtualTime::new(), &[]).unwrap_err(), RunError::AlreadyRunning);
    first.close().unwrap();
    let mut second = LOOP.open(VirtualTime::new(), &[]).unwrap();
    assert_eq!(first.run(async {}), Err(RunError::Closed));
    drop(first);
    assert_eq!(second.run(async { 1 }), Ok(1));
}

#[test]
fn a_static_loop_stays_taken_while_it_is_open_whatever_of_it_is_dropped() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let mut l = LOOP.open(VirtualTime::new(), &[]).unwrap();
    let task = l.run(async { create_task(async {}) }).unwrap();
    l.run(yield_now()).unwrap();
    // No task of it is left now, and it has no pools.
    drop(task);
    let other = thread::spawn(|| LOOP.run(&VirtualTime::new(), &[], async {})).join().unwrap();
    assert_eq!(other, Err(RunError::AlreadyRunning));
    l.close().unwrap();
    let other = thread::spawn(|| LOOP.run(&VirtualTime::new(), &[], async {})).join().unwrap();
    assert_eq!(other, Ok(()));
}

#[test]
fn main_may_borrow() {
    let mut l = open();
    let lent = RefCell::new(Vec::new());
    l.run(async { lent.borrow_mut().push(1) }).unwrap();
    l.run(async { lent.borrow_mut().push(2) }).unwrap();
    assert_eq!(lent.into_inner(), [1, 2]);
}

#[test]
fn a_join_may_be_polled_and_dropped_between_runs() {
    let mut l = open();
    let task = l.run(async { create_task(sleep(Duration::from_secs(1))) }).unwrap();
    let mut join: Pin<Box<_>> = Box::pin(task.into_future());
    assert!(join.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(join);
    l.run(sleep(Duration::from_secs(2))).unwrap();
}

#[test]
fn an_abort_between_runs_drops_at_once() {
    let mut l = open();
    let drops = Rc::new(Cell::new(0));
    let counts = Counts(drops.clone());
    let task = l
        .run(async {
            let task = create_task(async move {
                let _counts = counts;
                sleep(Duration::from_secs(1)).await;
            });
            yield_now().await;
            task
        })
        .unwrap();
    assert!(task.abort());
    assert_eq!(drops.get(), 1);
    l.run(sleep(Duration::from_secs(2))).unwrap();
    assert!(task.cancelled());
}

#[test]
fn what_is_submitted_between_runs_goes_on_in_the_next_or_ends_with_the_loop() {
    let mut l = open();
    let handle = l.run(async { LoopHandle::current().unwrap() }).unwrap();
    let submit = |value| {
        let handle = handle.clone();
        let submit = move || run_coroutine_threadsafe(async move || value, &handle).unwrap();
        thread::spawn(submit).join().unwrap()
    };
    let mut first = submit(7);
    assert!(!first.done());
    l.run(yield_now()).unwrap();
    assert_eq!(first.wait().unwrap().unwrap(), 7);
    let mut second = submit(8);
    l.close().unwrap();
    assert!(second.wait().unwrap().is_err());
    let refused = run_coroutine_threadsafe(async || (), &handle).unwrap_err();
    assert_eq!(refused.kind, SubmitErrorKind::LoopClosed);
}
