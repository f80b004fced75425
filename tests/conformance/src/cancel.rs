use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    CancelledError, Duration, Event, Instant, Shared, Task, catch_cancel, create_task, sleep, wait_for,
    yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

/// Lets a task run until it waits.
async fn settle() {
    sleep(TICK).await;
}

pub async fn before_the_first_step_the_body_never_runs() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let guard = OnDrop(&LOG, 9);
    let mut task = create_task(async move {
        let _guard = guard;
        LOG.push(1);
    });
    assert!(task.cancel());
    assert_eq!((&mut task).await, Err(CANCELLED().await));
    assert!(task.cancelled() && task.done());
    LOG.expect(&[9]);
}

/// A `CancelledError` to compare with: there is no other way to one than to be cancelled.
#[allow(non_snake_case)]
async fn CANCELLED() -> CancelledError {
    let task = create_task(pending::<()>());
    task.cancel();
    task.await.unwrap_err()
}

pub async fn cancel_of_a_done_task_is_false() {
    let task = create_task(async { 1 });
    settle().await;
    assert!(!task.cancel());
    assert!(!task.cancelled());
    assert_eq!(task.await, Ok(1));
}

pub async fn everything_is_dropped() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let _outer = OnDrop(&LOG, 2);
        let _inner = OnDrop(&LOG, 1);
        pending::<()>().await;
        LOG.push(99);
    });
    settle().await;
    assert!(task.cancel());
    LOG.expect(&[]);
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
}

pub async fn cleanup_runs_to_its_end() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            LOG.push(1);
            sleep(TICK * 10).await;
            LOG.push(2);
            cancelled.resume().await;
        }
        LOG.push(99);
    });
    settle().await;
    task.cancel();
    let start = Instant::now();
    assert!((&mut task).await.is_err());
    assert_eq!(start.elapsed(), TICK * 10);
    assert!(task.cancelled());
    LOG.expect(&[1, 2]);
}

pub async fn cleanup_may_swallow() {
    let mut task = create_task(async {
        let caught = catch_cancel(pending::<()>()).await;
        assert!(caught.is_err());
        sleep(TICK).await;
        5
    });
    settle().await;
    task.cancel();
    assert_eq!((&mut task).await, Ok(5));
    assert!(!task.cancelled());
    assert_eq!(task.cancelling(), 1);
}

pub async fn a_second_cancel_cuts_the_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let _ = catch_cancel(pending::<()>()).await;
        let _guard = OnDrop(&LOG, 2);
        LOG.push(1);
        pending::<()>().await;
    });
    settle().await;
    task.cancel();
    settle().await;
    LOG.expect(&[1]);
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
}

pub async fn several_cancels_before_delivery_are_one() {
    let task = create_task(async {
        assert!(catch_cancel(pending::<()>()).await.is_err());
        sleep(TICK * 3).await;
        7
    });
    settle().await;
    task.cancel();
    task.cancel();
    task.cancel();
    assert_eq!(task.cancelling(), 3);
    assert_eq!(task.await, Ok(7));
}

pub async fn self_cancel_is_delivered_at_the_next_await() {
    static LOG: Trace = Trace::new();
    static GO: Event<Shared> = Event::new();
    static HANDLE: SendCell<Task<()>> = SendCell::new();
    LOG.clear();
    GO.clear();
    HANDLE.put(create_task(async {
        GO.wait().await;
        HANDLE.with(|task| assert!(task.cancel()));
        LOG.push(1);
        yield_now().await;
        LOG.push(99);
    }));
    GO.set();
    settle().await;
    let task = HANDLE.take();
    assert!(task.cancelled());
    LOG.expect(&[1]);
}

pub async fn self_cancel_then_return_ends_cancelled() {
    static HANDLE: SendCell<Task<u8>> = SendCell::new();
    HANDLE.put(create_task(async {
        HANDLE.with(|task| assert!(task.cancel()));
        3
    }));
    settle().await;
    let mut task = HANDLE.take();
    assert!((&mut task).await.is_err());
}

pub async fn uncancel_withdraws_what_was_not_delivered() {
    let task = create_task(async {
        sleep(TICK * 5).await;
        1
    });
    settle().await;
    task.cancel();
    task.cancel();
    assert_eq!(task.uncancel(), 1);
    assert_eq!(task.uncancel(), 0);
    assert_eq!(task.await, Ok(1));
}

/// Waits, and when cancelled cleans up for ten ticks.
async fn careful(log: &'static Trace, n: u32) {
    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
        log.push(n);
        sleep(TICK * 10).await;
        log.push(n + 1);
        cancelled.resume().await;
    }
}

pub async fn awaiting_forwards_and_waits() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut outer = create_task(async {
        let inner = create_task(careful(&LOG, 10));
        let _guard = OnDrop(&LOG, 20);
        let _ = inner.await;
        LOG.push(99);
    });
    settle().await;
    outer.cancel();
    let start = Instant::now();
    assert!((&mut outer).await.is_err());
    assert_eq!(start.elapsed(), TICK * 10);
    LOG.expect(&[10, 11, 20]);
}

pub async fn awaiting_gets_the_value_of_one_that_swallows() {
    let outer = create_task(async {
        let inner = create_task(async {
            let _ = catch_cancel(pending::<()>()).await;
            6
        });
        inner.await
    });
    settle().await;
    outer.cancel();
    assert_eq!(outer.await, Ok(Ok(6)));
}

pub async fn awaiting_one_that_is_done_is_cancelled() {
    static LOG: Trace = Trace::new();
    static GO: Event<Shared> = Event::new();
    LOG.clear();
    GO.clear();
    let mut outer = create_task(async {
        let inner = create_task(async {
            GO.wait().await;
            1
        });
        let _ = inner.await;
        LOG.push(99);
    });
    settle().await;
    // The inner one ends in the same turn in which the request is made, before the outer one sees either.
    GO.set();
    yield_now().await;
    outer.cancel();
    assert!((&mut outer).await.is_err());
    LOG.expect(&[]);
}

pub async fn nested_catches_clean_up_from_the_inside() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let outer = catch_cancel(async {
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                sleep(TICK).await;
                LOG.push(1);
                cancelled.resume().await;
            }
            LOG.push(99);
        });
        if let Err(cancelled) = outer.await {
            sleep(TICK).await;
            LOG.push(2);
            cancelled.resume().await;
        }
        LOG.push(98);
    });
    settle().await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
}

pub async fn an_error_that_carries_it_is_ordinary() {
    let task = create_task(async {
        let caught = catch_cancel(pending::<u8>()).await;
        sleep(TICK).await;
        caught
    });
    settle().await;
    task.cancel();
    // The task returned a value, which happens to be an error.
    assert!(task.await.unwrap().is_err());
}

pub async fn cancel_wakes_a_task_that_waits_for_nothing() {
    let mut task = create_task(pending::<()>());
    settle().await;
    task.cancel();
    assert!(wait_for(&mut task, TICK).await.unwrap().is_err());
}

pub async fn cleanup_after_cancel_of_an_awaiter_chain() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut top = create_task(async {
        let middle = create_task(async {
            let bottom = create_task(careful(&LOG, 1));
            match catch_cancel(bottom).await {
                Err(cancelled) => {
                    LOG.push(3);
                    sleep(TICK).await;
                    cancelled.resume().await;
                }
                Ok(_) => LOG.push(99),
            }
        });
        match catch_cancel(middle).await {
            Err(cancelled) => {
                LOG.push(4);
                cancelled.resume().await;
            }
            Ok(_) => LOG.push(98),
        }
    });
    settle().await;
    top.cancel();
    assert!((&mut top).await.is_err());
    LOG.expect(&[1, 2, 3, 4]);
}

pub async fn resume_without_a_scope_ends_the_task() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let cancelled = CANCELLED().await;
    let mut task = create_task(async move {
        let _guard = OnDrop(&LOG, 1);
        cancelled.resume().await;
        LOG.push(99);
    });
    assert!((&mut task).await.is_err());
    LOG.expect(&[1]);
}

/// What is left over when main returns is cancelled and cleans up; the runner fails if it does not end.
pub async fn leftovers_clean_up_in_the_order_of_their_waits() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    for n in 0..3 {
        create_task(async move {
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                sleep(TICK * (3 - n)).await;
                LOG.push(n);
                if n == 0 {
                    LOG.expect(&[2, 1, 0]);
                }
                cancelled.resume().await;
            }
        });
    }
    settle().await;
}

pub async fn dropping_a_scope_mid_cleanup_is_immediate() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async {
        // The outer timeout ends while the inner cleans up: that is cut, and only the outer reports.
        let result = wait_for(careful(&LOG, 1), TICK * 5).await;
        assert!(result.is_err());
        LOG.push(7);
        {
            let mut scope = pin!(catch_cancel(careful(&LOG, 3)));
            poll_fn(|cx| {
                let _ = scope.as_mut().poll(cx);
                Poll::Ready(())
            })
            .await;
            // Dropped here, linked and pending.
        }
        LOG.push(8);
        sleep(TICK).await;
        9
    });
    assert_eq!(task.await, Ok(9));
    LOG.expect(&[1, 2, 7, 8]);
}

pub async fn a_foreign_join_reaches_both_branches() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let mut a = pin!(catch_cancel(careful(&LOG, 1)));
        let mut b = pin!(catch_cancel(careful(&LOG, 3)));
        let (mut a_done, mut b_done) = (false, false);
        // A join as other crates write it: it knows nothing of scopes.
        poll_fn(|cx| {
            a_done = a_done || a.as_mut().poll(cx).is_ready();
            b_done = b_done || b.as_mut().poll(cx).is_ready();
            if a_done && b_done { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        LOG.push(5);
    });
    settle().await;
    task.cancel();
    assert_eq!((&mut task).await, Ok(()));
    LOG.expect(&[1, 3, 2, 4, 5]);
}

pub async fn a_stashed_scope_loses_no_request() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let _guard = OnDrop(&LOG, 1);
        let mut stashed = pin!(catch_cancel(pending::<()>()));
        // Polled once, then never again, though it stays alive and linked.
        poll_fn(|cx| {
            let _ = stashed.as_mut().poll(cx);
            Poll::Ready(())
        })
        .await;
        sleep(TICK * 1000).await;
        LOG.push(99);
    });
    settle().await;
    task.cancel();
    // The request does not get stuck in the scope that nobody polls.
    assert!(wait_for(&mut task, TICK * 10).await.unwrap().is_err());
    LOG.expect(&[1]);
}
