//! A race under cancellations, timeouts and shields.

use core::future::pending;

use everloop_core::{Instant, catch_cancel, create_task, select, shield, sleep, wait_for, yield_now};

use crate::select::{TICK, after, careful, stubborn};
use crate::trace::{OnDrop, Trace};

pub async fn cancelling_reaches_every_branch_and_waits() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let _ = select((careful(&LOG, 9, 1), careful(&LOG, 3, 2), pending::<()>())).await;
        LOG.push(98);
    });
    sleep(TICK).await;
    task.cancel();
    let start = Instant::now();
    assert!((&mut task).await.is_err());
    assert_eq!(start.elapsed(), TICK * 9);
    LOG.expect(&[2, 1]);
}

pub async fn cancelled_it_surfaces_even_if_all_swallow() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let logs = |ticks, n| async move { LOG.push(stubborn(ticks, n).await) };
        let _ = select((logs(5, 2), logs(3, 1))).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    // The first to give its value had no other cut.
    LOG.expect(&[1, 2]);
}

pub async fn cancelling_while_losers_clean_up_cuts_them() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let tough = async {
            let _ = catch_cancel(pending::<()>()).await;
            let _ = catch_cancel(careful(&LOG, 3, 2)).await;
            LOG.push(3);
        };
        let _ = select((careful(&LOG, 9, 97), tough, after(1, 1))).await;
        LOG.push(98);
    });
    sleep(TICK * 2).await;
    task.cancel();
    let start = Instant::now();
    assert!((&mut task).await.is_err());
    // A cleanup with a scope of its own goes on, and is waited for.
    assert_eq!(start.elapsed(), TICK * 3);
    LOG.expect(&[2, 3]);
}

pub async fn nested_races_clean_up_from_the_inside() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let inner = select((careful(&LOG, 1, 1), careful(&LOG, 2, 2)));
    assert_eq!(select((inner, careful(&LOG, 3, 3), after(1, 7))).await, (None, None, Some(7)));
    assert_eq!(start.elapsed(), TICK * 4);
    // The inner one wins, and then its own loser is done already.
    let inner = select((after(1, 1), careful(&LOG, 2, 4)));
    assert_eq!(select((inner, careful(&LOG, 1, 5))).await, (Some((Some(1), None)), None));
    LOG.expect(&[1, 2, 3, 4, 5]);
}

pub async fn a_request_to_nested_races_surfaces_once() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    // Not in a task, which it would be too large for.
    let outer = async {
        let inner = select((careful(&LOG, 1, 1), careful(&LOG, 2, 2)));
        if let Err(cancelled) = catch_cancel(select((inner, careful(&LOG, 3, 3)))).await {
            sleep(TICK).await;
            LOG.push(4);
            cancelled.resume().await;
        }
        LOG.push(99);
    };
    assert!(wait_for(outer, TICK).await.is_err());
    LOG.expect(&[1, 2, 3, 4]);
}

pub async fn a_timeout_around_it_reaches_all() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let race = select((careful(&LOG, 4, 1), careful(&LOG, 8, 2)));
    assert!(wait_for(race, TICK * 10).await.is_err());
    assert_eq!(start.elapsed(), TICK * 18);
    LOG.expect(&[1, 2]);
}

pub async fn a_timeout_inside_it_is_a_value() {
    let start = Instant::now();
    let (timed_out, value) = select((wait_for(pending::<()>(), TICK * 2), after(5, 1))).await;
    assert!(matches!(timed_out, Some(Err(_))) && value.is_none());
    assert_eq!(start.elapsed(), TICK * 2);
    // As a loser it was cancelled, and did not time out.
    let (timed_out, value) = select((wait_for(pending::<()>(), TICK * 5), after(2, 1))).await;
    assert!(timed_out.is_none() && value == Some(1));
}

pub async fn a_timeout_that_passes_during_the_cleanup_cuts_it() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    assert!(wait_for(select((careful(&LOG, 9, 97), after(3, 1))), TICK * 5).await.is_err());
    assert_eq!(start.elapsed(), TICK * 5);
    LOG.expect(&[]);
}

pub async fn a_race_won_as_the_deadline_passes_wins() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    // With losers that are gone at once, and with one that cleans up.
    assert_eq!(wait_for(select((after(9, 1), after(5, 2))), TICK * 5).await, Ok((None, Some(2))));
    assert_eq!(wait_for(select((careful(&LOG, 3, 1), after(5, 2))), TICK * 5).await, Ok((None, Some(2))));
    assert_eq!(start.elapsed(), TICK * 13);
    LOG.expect(&[1]);
    // The request is not forgotten for that.
    let goes_on = async {
        select((careful(&LOG, 3, 2), after(5, 3))).await;
        let _guard = OnDrop(&LOG, 3);
        after(50, 4).await
    };
    assert!(wait_for(goes_on, TICK * 5).await.is_err());
    assert_eq!(start.elapsed(), TICK * 21);
    LOG.expect(&[1, 2, 3]);
    // And the next one cuts the cleanup.
    let inner = wait_for(select((careful(&LOG, 9, 97), after(5, 2))), TICK * 5);
    assert!(wait_for(inner, TICK * 7).await.is_err());
    assert_eq!(start.elapsed(), TICK * 28);
    LOG.expect(&[1, 2, 3]);
}

pub async fn a_shielded_loser_runs_to_its_end() {
    let start = Instant::now();
    assert_eq!(select((shield(after(5, 1)), after(2, 2))).await, (Some(1), Some(2)));
    assert_eq!(start.elapsed(), TICK * 5);
    // The request is delivered at the next await after it.
    let goes_on = async { shield(after(5, 1)).await + after(50, 1).await };
    assert_eq!(select((goes_on, after(2, 2))).await, (None, Some(2)));
    assert_eq!(start.elapsed(), TICK * 10);
}

pub async fn a_shielded_loser_holds_a_request_from_outside() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let shielded = async { LOG.push(shield(after(9, 2)).await) };
        let _ = select((shielded, careful(&LOG, 4, 1), after(1, 3))).await;
        LOG.push(3);
        let _guard = OnDrop(&LOG, 4);
        sleep(TICK).await;
        LOG.push(99);
    });
    // Before one has won: the second takes the request.
    yield_now().await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
    // All are shielded: none takes it, and what they give comes back first.
    LOG.clear();
    let mut task = create_task(async {
        let both = select((shield(after(9, 2)), shield(after(3, 1)))).await;
        assert_eq!(both, (Some(2), Some(1)));
        LOG.push(5);
        let _guard = OnDrop(&LOG, 6);
        sleep(TICK).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[5, 6]);
}
