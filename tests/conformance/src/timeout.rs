use core::cell::RefCell;
use core::fmt::Write;
use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    Duration, Instant, RescheduleError, Task, catch_cancel, create_task, sleep, sleep_until, timeout,
    timeout_at, yield_now,
};

use crate::trace::{OnDrop, Trace};

mod moving;
mod nested;

pub use moving::*;
pub use nested::*;

const TICK: Duration = Duration::from_millis(1);

/// Lends something of a test to its tasks.
fn lend<T>(value: &T) -> &'static T {
    // SAFETY: each test awaits the tasks that use it, or ends them, before it drops the value.
    unsafe { &*core::ptr::from_ref(value) }
}

/// Where a task finds its own handle.
type Own = RefCell<Option<Task<u32>>>;

fn cancel(own: &Own) {
    own.borrow().as_ref().unwrap().cancel();
}

pub async fn value_in_time() {
    let t = timeout(TICK * 10);
    let result = t.run(async {
        sleep(TICK).await;
        1
    });
    assert_eq!(result.await, Ok(1));
    assert!(!t.expired());
    assert_eq!(t.when(), Some(Instant::now() + TICK * 9));
}

pub async fn the_deadline_ends_it() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let t = timeout(TICK * 20);
    let result = t.run(async {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            LOG.push(1);
            assert!(t.expired());
            cancelled.resume().await;
        }
    });
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 20);
    assert!(t.expired());
    LOG.expect(&[1]);
}

pub async fn a_point_in_time_ends_it() {
    let deadline = Instant::now() + TICK * 20;
    let t = timeout_at(deadline);
    assert_eq!(t.when(), Some(deadline));
    sleep(TICK * 5).await;
    assert!(t.run(pending::<()>()).await.is_err());
    assert_eq!(Instant::now(), deadline);
    assert!(t.expired());
    assert_eq!(t.when(), Some(deadline));
}

pub async fn a_delay_counts_from_the_start_of_the_run() {
    let t = timeout(TICK * 20);
    assert_eq!(t.when(), None);
    let run = t.run(pending::<()>());
    sleep(TICK * 15).await;
    let start = Instant::now();
    assert!(run.await.is_err());
    assert_eq!(start.elapsed(), TICK * 20);
    assert_eq!(t.when(), Some(start + TICK * 20));
}

pub async fn without_a_deadline_it_never_fires() {
    for t in [timeout(None), timeout_at(None), timeout(Duration::MAX), timeout_at(Instant::FAR_FUTURE)] {
        assert_eq!(t.run(sleep(Duration::from_secs(7200))).await, Ok(()));
        assert!(!t.expired());
        assert_eq!(t.when(), None);
    }
}

pub async fn zero_ends_it_at_the_first_await() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let t = timeout(Duration::ZERO);
    let result = t.run(async {
        LOG.push(1);
        let _guard = OnDrop(&LOG, 2);
        sleep(Duration::ZERO).await;
        LOG.push(99);
    });
    assert!(result.await.is_err());
    assert!(t.expired());
    assert_eq!(t.when(), Some(start));
    assert_eq!(Instant::now(), start);
    LOG.expect(&[1, 2]);
    assert!(timeout(Duration::ZERO).run(pending::<()>()).await.is_err());
}

pub async fn the_past_ends_it_at_the_first_await() {
    sleep(TICK * 20).await;
    let start = Instant::now();
    let t = timeout_at(start - TICK * 11);
    assert!(t.run(sleep(Duration::ZERO)).await.is_err());
    assert!(t.expired());
    assert_eq!(t.when(), Some(start - TICK * 11));
    assert_eq!(Instant::now(), start);
}

pub async fn zero_lets_what_awaits_nothing_finish() {
    let t = timeout(Duration::ZERO);
    assert_eq!(t.run(async { 1 }).await, Ok(1));
    assert!(!t.expired());
}

pub async fn zero_waits_for_the_cleanup() {
    let start = Instant::now();
    let t = timeout(Duration::ZERO);
    let result = t.run(async {
        if let Err(cancelled) = catch_cancel(yield_now()).await {
            sleep(TICK * 5).await;
            cancelled.resume().await;
        }
    });
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 5);
}

pub async fn an_error_passes_through() {
    let t = timeout(TICK * 10);
    assert_eq!(t.run(async { Err::<(), u32>(7) }).await, Ok(Err(7)));
    assert!(!t.expired());
}

pub async fn an_error_of_the_cleanup_wins() {
    let t = timeout(TICK * 10);
    let result = t.run(async {
        let _ = catch_cancel(sleep(TICK * 1000)).await;
        Err::<(), u32>(7)
    });
    assert_eq!(result.await, Ok(Err(7)));
    assert!(t.expired());
}

pub async fn a_result_that_races_the_deadline_wins() {
    let deadline = Instant::now() + TICK * 5;
    let t = timeout(TICK * 5);
    let result = t.run(async {
        sleep(TICK).await;
        sleep_until(deadline).await;
        1
    });
    assert_eq!(result.await, Ok(1));
    assert_eq!(Instant::now(), deadline);
    assert!(!t.expired());
}

pub async fn cleanup_ends_before_the_error() {
    let start = Instant::now();
    let result = timeout(TICK * 10)
        .run(async {
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                sleep(TICK * 30).await;
                cancelled.resume().await;
            }
        })
        .await;
    assert!(result.is_err());
    assert_eq!(start.elapsed(), TICK * 40);
}

pub async fn a_cancellation_of_its_own_task_is_not_a_timeout() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let slot = Own::default();
    let own = lend(&slot);
    slot.replace(Some(create_task(async {
        let t = timeout(TICK * 10);
        let result = catch_cancel(t.run(async {
            cancel(own);
            sleep(TICK * 10).await;
            LOG.push(99);
        }));
        if let Err(cancelled) = result.await {
            LOG.push(u32::from(t.expired()));
            cancelled.resume().await;
        }
        98
    })));
    sleep(TICK * 20).await;
    let task = slot.take().unwrap();
    assert!(task.cancelled());
    LOG.expect(&[0]);
}

pub async fn a_cancellation_from_outside_beats_the_deadline() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let t = timeout(TICK * 10);
        let result = catch_cancel(t.run(async {
            let _ = catch_cancel(pending::<()>()).await;
            // Swallowed: from here on the deadline cuts nothing.
            sleep(TICK * 50).await;
            LOG.push(1);
            pending::<()>().await;
        }));
        if let Err(cancelled) = result.await {
            LOG.push(u32::from(t.expired()) + 2);
            cancelled.resume().await;
        }
        LOG.push(99);
    });
    sleep(TICK * 5).await;
    task.cancel();
    sleep(TICK * 100).await;
    LOG.expect(&[1]);
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
}

pub async fn the_task_around_it_is_not_cancelled() {
    let mut task = create_task(async { timeout(TICK).run(sleep(TICK * 10)).await.is_err() });
    assert_eq!((&mut task).await, Ok(true));
    assert!(!task.cancelled());
    assert!(task.done());
}

pub async fn it_works_after_a_swallowed_cancellation() {
    let slot = Own::default();
    let own = lend(&slot);
    slot.replace(Some(create_task(async {
        cancel(own);
        assert!(catch_cancel(sleep(TICK)).await.is_err());
        // A timeout in the cleanup is one,
        assert!(timeout(Duration::ZERO).run(sleep(TICK)).await.is_err());
        // and a request is not.
        let t = timeout(TICK * 10);
        let result = catch_cancel(t.run(async {
            cancel(own);
            sleep(TICK * 20).await;
        }));
        assert!(result.await.is_err());
        u32::from(t.expired())
    })));
    sleep(TICK * 50).await;
    let task = slot.take().unwrap();
    assert_eq!(task.await, Ok(0));
}

pub async fn dropping_the_run_finishes_it() {
    let t = timeout(TICK * 5);
    drop(t.run(pending::<()>()));
    assert_eq!(t.reschedule(None), Err(RescheduleError::NotRunning));
    {
        let mut run = pin!(t.run(pending::<()>()));
        poll_fn(|cx| {
            assert!(run.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        assert_eq!(t.reschedule(Instant::now() + TICK * 3), Ok(()));
    }
    assert_eq!(t.reschedule(None), Err(RescheduleError::Finished));
    assert!(!t.expired());
    // A timer left behind would be freed memory in the heap by now, and would wake this early.
    let start = Instant::now();
    sleep(TICK * 20).await;
    assert_eq!(start.elapsed(), TICK * 20);
}

pub async fn debug_shows_the_state() {
    let shows = |t: &everloop_core::Timeout, part: &str| {
        let mut text = heapless::String::<128>::new();
        write!(text, "{t:?}").unwrap();
        assert!(text.contains(part), "{text}");
    };
    let t = timeout(TICK * 10);
    shows(&t, "state: Created, when: None");
    t.run(async {
        shows(&t, "state: Active, when: Some(");
        t.reschedule(None).unwrap();
        shows(&t, "state: Active, when: None");
    })
    .await
    .unwrap();
    shows(&t, "state: Finished");
    let t = timeout(TICK * 10);
    let _ = t
        .run(async {
            let _ = catch_cancel(pending::<()>()).await;
            shows(&t, "state: Expiring");
        })
        .await;
    shows(&t, "state: Expired");
}
