//! A request to cancel: how it is counted and withdrawn, and where it is delivered.

use core::future::pending;

use everloop_core::{
    Duration, Event, Instant, Shared, Task, catch_cancel, create_task, sleep, wait_for, yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

pub async fn is_counted_before_the_first_step() {
    let mut task = create_task(sleep(TICK * 10));
    assert_eq!(task.cancelling(), 0);
    assert!(task.cancel());
    assert_eq!(task.cancelling(), 1);
    // It has not ended yet, so it can be asked again.
    assert!(task.cancel());
    assert_eq!(task.cancelling(), 2);
    assert!((&mut task).await.is_err());
}

pub async fn uncancelled_another_one_can_follow() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        assert!(catch_cancel(sleep(TICK * 1000)).await.is_err());
        LOG.push(1);
        let _guard = OnDrop(&LOG, 2);
        sleep(TICK * 1000).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    assert!(task.cancel());
    assert_eq!(task.cancelling(), 1);
    assert!(!task.cancelled());
    sleep(TICK).await;
    // It was delivered, and taking it back only counts.
    LOG.expect(&[1]);
    assert_eq!(task.uncancel(), 0);
    assert_eq!(task.cancelling(), 0);
    assert!(!task.cancelled() && !task.done());

    assert!(task.cancel());
    assert_eq!(task.cancelling(), 1);
    assert!(!task.cancelled());
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
    // Nor does it undo the end.
    assert_eq!(task.uncancel(), 0);
    assert!(task.cancelled() && task.done());
}

pub async fn ends_a_sleep_at_once() {
    let mut sleeper = create_task(async {
        sleep(Duration::from_secs(5000)).await;
        12
    });
    sleep(TICK * 100).await;
    let start = Instant::now();
    assert!(sleeper.cancel());
    assert!((&mut sleeper).await.is_err());
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert!(sleeper.done() && sleeper.cancelled());
    assert!(!sleeper.cancel());
}

pub async fn between_two_yields_is_delivered() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        LOG.push(1);
        yield_now().await;
        LOG.push(2);
        yield_now().await;
        LOG.push(99);
    });
    yield_now().await;
    yield_now().await;
    // It is queued already and waits for nothing.
    task.cancel();
    assert!((&mut task).await.is_err());
    assert!(task.done() && task.cancelled());
    assert!(!task.cancel());
    LOG.expect(&[1, 2]);
}

pub async fn withdrawn_from_a_task_about_to_run() {
    static GO: Event<Shared> = Event::new();
    GO.clear();
    let task = create_task(async {
        GO.wait().await;
        // What was withdrawn does not wait for the next await either.
        yield_now().await;
        42
    });
    yield_now().await;
    GO.set();
    task.cancel();
    assert_eq!(task.cancelling(), 1);
    assert_eq!(task.uncancel(), 0);
    assert_eq!(task.cancelling(), 0);
    assert_eq!(task.await, Ok(42));
}

pub async fn of_a_timeout_is_not_counted() {
    let mut task = create_task(async {
        let timed_out = wait_for(sleep(TICK * 1000), TICK * 10).await.is_err();
        let in_time = wait_for(yield_now(), TICK * 10).await.is_ok();
        // Code after the scopes is not affected.
        yield_now().await;
        (timed_out, in_time)
    });
    sleep(TICK * 9).await;
    assert_eq!(task.cancelling(), 0);
    assert_eq!((&mut task).await, Ok((true, true)));
    assert_eq!(task.cancelling(), 0);
}

pub async fn to_oneself_reaches_the_task_awaited_next() {
    static LOG: Trace = Trace::new();
    static HANDLE: SendCell<Task<()>> = SendCell::new();
    LOG.clear();
    HANDLE.put(create_task(async {
        let nested = create_task(async {
            let _guard = OnDrop(&LOG, 2);
            pending::<()>().await;
        });
        yield_now().await;
        HANDLE.with(|task| assert!(task.cancel()));
        LOG.push(1);
        let _guard = OnDrop(&LOG, 3);
        let _ = nested.await;
        LOG.push(99);
    }));
    sleep(TICK).await;
    let task = HANDLE.take();
    assert!(task.cancelled());
    LOG.expect(&[1, 2, 3]);
}

pub async fn resumed_inside_may_be_swallowed_outside() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    async fn inner() {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            LOG.push(1);
            cancelled.resume().await;
        }
        LOG.push(99);
    }
    let mut task = create_task(async {
        assert!(catch_cancel(inner()).await.is_err());
        LOG.push(100);
    });
    sleep(TICK).await;
    task.cancel();
    assert_eq!((&mut task).await, Ok(()));
    assert!(!task.cancelled());
    LOG.expect(&[1, 100]);
}
