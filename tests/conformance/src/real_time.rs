//! The few promises that need a real clock and real interrupts. Nothing here asserts that something was fast.

use core::future::pending;

use everloop_core::{Duration, Instant, catch_cancel, create_task, sleep, sleep_until, wait_for};

use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(10);

pub async fn a_sleep_lasts_at_least_as_long() {
    for millis in [1, 3, 10, 30] {
        let span = Duration::from_millis(millis);
        let start = Instant::now();
        sleep(span).await;
        assert!(start.elapsed() >= span);
    }
}

pub async fn sleepers_wake_in_deadline_order() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    for n in [4_u32, 2, 5, 1, 3] {
        create_task(async move {
            sleep(TICK * n).await;
            LOG.push(n);
        });
    }
    sleep(TICK * 7).await;
    LOG.expect(&[1, 2, 3, 4, 5]);
}

pub async fn a_timeout_ends_a_wait() {
    let start = Instant::now();
    assert!(wait_for(pending::<()>(), TICK).await.is_err());
    assert!(start.elapsed() >= TICK);
}

pub async fn an_earlier_timer_moves_the_alarm_forward() {
    let late = create_task(sleep(TICK * 20));
    sleep(TICK).await;
    let start = Instant::now();
    sleep(TICK).await;
    assert!(start.elapsed() < TICK * 19);
    assert!(!late.done());
    // Cancelled: the alarm that is armed for it comes early for whatever is next, which must bear it.
    late.cancel();
    let start = Instant::now();
    sleep(TICK * 40).await;
    assert!(start.elapsed() >= TICK * 40);
}

/// One that is lost is a hang, which the tool that runs this ends.
pub async fn an_alarm_on_the_way_to_sleep_is_not_lost() {
    // A little later each time, so that the alarm comes at many points of the way: no gap of some dozens of
    // instructions goes unseen.
    for steps in 0..2000 {
        let deadline = Instant::now() + Duration::from_micros(5);
        for _ in 0..steps {
            core::hint::spin_loop();
        }
        sleep_until(deadline).await;
        assert!(Instant::now() >= deadline);
    }
}

pub async fn cleanup_may_take_its_time() {
    let mut task = create_task(async {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            sleep(TICK * 2).await;
            cancelled.resume().await;
        }
    });
    sleep(TICK).await;
    task.cancel();
    let start = Instant::now();
    assert!((&mut task).await.is_err());
    assert!(start.elapsed() >= TICK * 2);
}
