use core::future::pending;

use everloop_core::{Duration, catch_cancel, create_task, gather, shield, sleep, yield_now};

use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

pub async fn gives_what_it_shields_gives() {
    let mut task = create_task(async {
        sleep(TICK).await;
        42
    });
    assert_eq!(shield(&mut task).await, Ok(42));
    let mut done = create_task(async { 43 });
    yield_now().await;
    assert!(done.done());
    assert_eq!(shield(&mut done).await, Ok(43));
    let fails = async {
        sleep(TICK).await;
        Err::<(), u32>(44)
    };
    assert_eq!(shield(fails).await, Err(44));
}

pub async fn shows_the_tasks_own_cancellation() {
    let mut outer = create_task(async {
        let inner = create_task(pending::<()>());
        inner.cancel();
        shield(inner).await.is_err()
    });
    assert_eq!((&mut outer).await, Ok(true));
    assert!(!outer.cancelled());
}

pub async fn a_shielded_task_runs_on_and_the_awaiter_goes_at_once() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut outer = create_task(async {
        let inner = create_task(async {
            sleep(TICK * 5).await;
            LOG.push(2);
        });
        if let Err(cancelled) = catch_cancel(shield(inner)).await {
            LOG.push(1);
            cancelled.resume().await;
        }
    });
    sleep(TICK).await;
    outer.cancel();
    assert!((&mut outer).await.is_err());
    LOG.expect(&[1]);
    sleep(TICK * 10).await;
    LOG.expect(&[1, 2]);
}

pub async fn lets_a_whole_gather_end() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut outer = create_task(async {
        let child = async |ticks: u32| {
            sleep(TICK * ticks).await;
            LOG.push(ticks);
            ticks
        };
        LOG.push(match shield(gather((child(5), child(3)))).await {
            (Ok(5), Ok(3)) => 10,
            _ => 99,
        });
        sleep(TICK).await;
        LOG.push(98);
    });
    sleep(TICK).await;
    outer.cancel();
    assert!((&mut outer).await.is_err());
    LOG.expect(&[3, 5, 10]);
}
