//! Timeouts and intervals where a test needs a heap, a clock it can move, or a panic.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Duration, Instant, OwnedLoop, RescheduleError, Timeout, create_task, interval, interval_at, sleep,
    sleep_until, timeout, timeout_at, yield_now,
};

const TICK: Duration = Duration::from_millis(1);

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

fn message(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).unwrap_err();
    match payload.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => payload.downcast_ref::<&str>().unwrap().to_string(),
    }
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

#[test]
fn a_forgotten_run_leaves_the_timeout_usable() {
    run(async {
        let t = timeout(TICK * 5);
        let mut inside = Box::pin(t.run(sleep(TICK * 3)));
        assert!(poll_once(inside.as_mut()).await.is_pending());
        std::mem::forget(inside);
        assert_eq!(t.when(), Some(Instant::now() + TICK * 5));
        assert_eq!(t.reschedule(Instant::now() + TICK * 2), Ok(()));
        assert_eq!(t.reschedule(Instant::now()), Ok(()));
        assert!(!t.expired());
        // Its timers are still in the heap, and wake whoever polled it.
        sleep(TICK * 10).await;
        drop(t);
        sleep(TICK * 10).await;
    });
}

#[test]
fn a_timeout_is_for_one_run() {
    run(async {
        let t = timeout(TICK * 5);
        assert_eq!(t.run(async { 1 }).await, Ok(1));
        let mut again = Box::pin(t.run(async { 2 }));
        let waker = Waker::noop();
        let text = message(|| assert!(again.as_mut().poll(&mut Context::from_waker(waker)).is_pending()));
        assert!(text.contains("was run before"), "{text}");
        drop(again);
        assert_eq!(t.reschedule(None), Err(RescheduleError::Finished));
    });
}

#[test]
fn it_has_finished_when_its_run_gave_a_value_and_not_when_that_is_dropped() {
    run(async {
        let t = timeout(TICK * 5);
        let mut inside = pin!(t.run(async { 7 }));
        assert_eq!(poll_once(inside.as_mut()).await, Poll::Ready(Ok(7)));
        assert_eq!(t.reschedule(None), Err(RescheduleError::Finished));
    });
}

#[test]
fn a_second_run_at_once_harms_not_the_first() {
    run(async {
        let t = timeout(TICK * 5);
        let result = t.run(async {
            let mut again = Box::pin(t.run(pending::<()>()));
            let waker = Waker::noop();
            let text = message(|| assert!(again.as_mut().poll(&mut Context::from_waker(waker)).is_pending()));
            assert!(text.contains("was run before"), "{text}");
            drop(again);
            assert_eq!(t.reschedule(Instant::now() + TICK * 9), Ok(()));
            pending::<()>().await;
        });
        assert!(result.await.is_err());
        assert_eq!(Instant::now(), Instant::from_ticks(0) + TICK * 9);
    });
}

#[test]
fn outside_a_loop_it_panics_and_is_not_entered() {
    let t = timeout(TICK * 5);
    {
        let mut inside = pin!(t.run(pending::<()>()));
        let waker = Waker::noop();
        let text = message(|| assert!(inside.as_mut().poll(&mut Context::from_waker(waker)).is_pending()));
        assert!(text.contains("no running event loop"), "{text}");
    }
    assert_eq!(t.reschedule(None), Err(RescheduleError::NotRunning));
    run(async { assert!(t.run(pending::<()>()).await.is_err()) });
}

#[test]
fn a_panic_inside_finishes_it() {
    let t = Rc::new(timeout(TICK * 5));
    let inside = t.clone();
    let text = message(|| {
        run(async move {
            let _ = inside.run(async { panic!("of the test") }).await;
        });
    });
    assert_eq!(text, "of the test");
    assert_eq!(t.reschedule(None), Err(RescheduleError::Finished));
}

#[test]
fn two_deadlines_that_pass_while_the_loop_is_busy_are_the_outers() {
    let time = Rc::new(VirtualTime::new());
    let clock = time.clone();
    OwnedLoop::new(UNPARKER)
        .run(&*time, &[], async {
            let (outer, inner) = (timeout(TICK * 100), timeout(TICK * 10));
            let after = Cell::new(false);
            let result = outer.run(async {
                let _ = inner
                    .run(async {
                        // Pretends to compute.
                        clock.advance(TICK * 100);
                        sleep(TICK * 1000).await;
                    })
                    .await;
                after.set(true);
            });
            assert!(result.await.is_err());
            assert!(outer.expired() && inner.expired() && !after.get());
            assert_eq!(Instant::now(), Instant::from_ticks(0) + TICK * 100);
        })
        .unwrap();
}

#[test]
fn the_past_is_told_by_the_clock() {
    let time = Rc::new(VirtualTime::new());
    let clock = time.clone();
    OwnedLoop::new(UNPARKER)
        .run(&*time, &[], async {
            // No timer was ever set, so the loop has not looked at the time.
            clock.advance(TICK * 100);
            let late = timeout_at(Instant::now() - TICK);
            assert!(late.run(sleep(Duration::ZERO)).await.is_err());
            // And when it has looked a while ago.
            let late = timeout(TICK * 50);
            let result = late.run(async {
                clock.advance(TICK * 10);
                late.reschedule(Instant::now() - TICK).unwrap();
                sleep(Duration::ZERO).await;
            });
            assert!(result.await.is_err());
        })
        .unwrap();
}

#[test]
fn what_awaits_nothing_is_not_cut_however_long_it_takes() {
    let time = Rc::new(VirtualTime::new());
    let clock = time.clone();
    OwnedLoop::new(UNPARKER)
        .run(&*time, &[], async {
            let t = timeout(TICK);
            assert_eq!(t.run(async { clock.advance(TICK * 10) }).await, Ok(()));
            assert!(!t.expired());
        })
        .unwrap();
}

#[test]
fn any_task_may_move_it() {
    run(async {
        let t = Rc::new(timeout(None));
        let mover = t.clone();
        drop(create_task(async move {
            sleep(TICK * 7).await;
            mover.reschedule(Instant::now() + TICK).unwrap();
        }));
        assert!(t.run(pending::<()>()).await.is_err());
        assert_eq!(Instant::now(), Instant::from_ticks(0) + TICK * 8);
    });
}

thread_local! {
    /// What clones of [`meddler`] move, and whereto.
    static MEDDLE: RefCell<Option<(Rc<Timeout>, Instant)>> = const { RefCell::new(None) };
    static WOKEN: Cell<u32> = const { Cell::new(0) };
}

/// A waker that moves a timeout whenever it is cloned.
fn meddler() -> Waker {
    fn clone(data: *const ()) -> RawWaker {
        if let Some((t, when)) = MEDDLE.take() {
            t.reschedule(when).unwrap();
            MEDDLE.set(Some((t, when)));
        }
        RawWaker::new(data, &TABLE)
    }
    fn wake(_: *const ()) {
        WOKEN.set(WOKEN.get() + 1);
    }
    fn drop(_: *const ()) {}
    static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, drop);
    // SAFETY: the table keeps to the contract of wakers, and there is no data; it stays on one thread.
    unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &TABLE)) }
}

#[test]
fn a_waker_that_moves_it_is_heard() {
    run(async {
        let t = Rc::new(timeout(TICK * 50));
        let mut inside = Box::pin(t.run(pending::<()>()));
        assert!(poll_once(inside.as_mut()).await.is_pending());
        let when = Instant::now() + TICK * 5;
        MEDDLE.set(Some((t.clone(), when)));
        WOKEN.set(0);
        let waker = meddler();
        assert!(inside.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(t.when(), Some(when));
        // It was moved as the timer took the waker, so only a wake can have the timer set anew.
        assert!(WOKEN.get() > 0);
        MEDDLE.set(None);
        assert!(inside.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        sleep(TICK * 6).await;
        assert!(poll_once(inside.as_mut()).await.is_ready());
    });
}

#[test]
fn an_interval_without_a_period_is_refused() {
    assert!(message(|| _ = interval(Duration::ZERO)).contains("period of an interval is zero"));
    let start = Instant::from_ticks(5);
    assert!(message(|| _ = interval_at(start, Duration::ZERO)).contains("period of an interval is zero"));
}

#[test]
fn a_forgotten_tick_is_given_by_the_next_call() {
    run(async {
        let start = Instant::now();
        let mut every = interval_at(start + TICK * 5, TICK * 10);
        let mut tick = Box::pin(every.tick());
        assert!(poll_once(tick.as_mut()).await.is_pending());
        std::mem::forget(tick);
        assert_eq!(every.tick().await, start + TICK * 5);
        assert_eq!(start.elapsed(), TICK * 5);
    });
}

/// Also before its future is dropped.
#[test]
fn after_a_cancellation_has_gone_on_outwards_the_run_is_over() {
    run(async {
        let (asked, seen) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(None)));
        let (asks, tells) = (asked.clone(), seen.clone());
        let task = create_task(async move {
            let t = timeout(TICK * 5);
            let mut inside = pin!(t.run(pending::<()>()));
            poll_fn(|cx| {
                let polled = inside.as_mut().poll(cx).map(drop);
                if asks.get() {
                    tells.set(Some(t.reschedule(Instant::now() + TICK)));
                }
                polled
            })
            .await;
        });
        sleep(TICK).await;
        asked.set(true);
        task.cancel();
        assert!(task.await.is_err());
        assert_eq!(seen.take(), Some(Err(RescheduleError::Finished)));
    });
}

#[test]
fn a_sleep_until_now_gives_way_once_as_a_yield_does() {
    run(async {
        let order = Rc::new(RefCell::new(Vec::new()));
        let (one, other) = (order.clone(), order.clone());
        let one = create_task(async move {
            sleep_until(Instant::now()).await;
            one.borrow_mut().push("sleep");
        });
        let other = create_task(async move {
            yield_now().await;
            other.borrow_mut().push("yield");
        });
        one.await.unwrap();
        other.await.unwrap();
        assert_eq!(*order.borrow(), ["sleep", "yield"]);
    });
}
