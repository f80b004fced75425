//! A deadline that is moved.

use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    Duration, Instant, RescheduleError, Timeout, catch_cancel, create_task, sleep, timeout, timeout_at,
};

use super::{TICK, lend};
use crate::trace::Trace;

pub async fn moving_it_from_inside() {
    let start = Instant::now();
    let t = timeout(TICK * 10);
    let result = t.run(async {
        sleep(TICK * 5).await;
        t.reschedule(start + TICK * 30).unwrap();
        assert_eq!(t.when(), Some(start + TICK * 30));
        sleep(TICK * 20).await;
        t.reschedule(None).unwrap();
        assert_eq!(t.when(), None);
        sleep(TICK * 1000).await;
        t.reschedule(Instant::now() + TICK * 5).unwrap();
        pending::<()>().await;
    });
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 1030);
    assert!(t.expired());
}

pub async fn moving_it_from_inside_costs_no_poll() {
    let start = Instant::now();
    let t = timeout(TICK * 10);
    let mut polls = 0;
    let mut moves = [start + TICK * 5, start + TICK * 7].into_iter();
    let mut run = pin!(t.run(poll_fn(|_| {
        if let Some(when) = moves.next() {
            t.reschedule(when).unwrap();
        }
        Poll::<()>::Pending
    })));
    let result = poll_fn(|cx| {
        polls += 1;
        run.as_mut().poll(cx)
    });
    assert!(result.await.is_err());
    // The first poll sets 5, the one at 5 moves it to 7, and the one at 7 ends it.
    assert_eq!(polls, 3);
    assert_eq!(start.elapsed(), TICK * 7);
}

pub async fn moving_it_to_the_past_ends_it_at_the_next_await() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    sleep(TICK * 10).await;
    let start = Instant::now();
    let t = timeout(TICK * 10);
    let result = t.run(async {
        t.reschedule(start - TICK).unwrap();
        LOG.push(1);
        sleep(Duration::ZERO).await;
        LOG.push(99);
    });
    assert!(result.await.is_err());
    assert_eq!(Instant::now(), start);
    LOG.expect(&[1]);
}

pub async fn moving_it_at_the_deadline_is_in_time() {
    let start = Instant::now();
    let t = timeout(TICK * 10);
    let result = t.run(async {
        sleep(TICK * 10).await;
        t.reschedule(Instant::now() + TICK * 5).unwrap();
        pending::<()>().await;
    });
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 15);
}

pub async fn moving_the_outer_one_at_the_deadline_leaves_it_to_the_inner() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let (outer, inner) = (timeout(TICK * 10), timeout(TICK * 10));
    let result = outer.run(async {
        let mut first = pin!(inner.run(pending::<()>()));
        let mut second = pin!(sleep(TICK * 10));
        // The inner one is polled before the outer one is moved, and still takes the outer one for expired.
        let result = poll_fn(|cx| {
            let result = first.as_mut().poll(cx);
            if second.as_mut().poll(cx).is_ready() {
                let _ = outer.reschedule(start + TICK * 20);
            }
            result
        });
        assert!(result.await.is_err());
        assert_eq!(start.elapsed(), TICK * 10);
        LOG.push(1);
        pending::<()>().await;
    });
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 20);
    LOG.expect(&[1]);
}

pub async fn moving_it_from_another_task() {
    let start = Instant::now();
    let t = timeout_at(start + TICK * 10);
    let lent = lend(&t);
    let mover = create_task(async move {
        // Earlier than its timer is set for, and later, and away.
        sleep(TICK * 5).await;
        assert_eq!(lent.when(), Some(start + TICK * 10));
        lent.reschedule(start + TICK * 8).unwrap();
        assert_eq!(lent.when(), Some(start + TICK * 8));
        sleep(TICK).await;
        lent.reschedule(start + TICK * 50).unwrap();
        sleep(TICK * 3).await;
        lent.reschedule(None).unwrap();
        assert_eq!(lent.when(), None);
        sleep(TICK * 100).await;
        lent.reschedule(start + TICK * 200).unwrap();
        sleep(TICK).await;
        lent.reschedule(start + TICK * 111).unwrap();
    });
    assert!(t.run(pending::<()>()).await.is_err());
    assert_eq!(start.elapsed(), TICK * 111);
    assert!(t.expired());
    mover.await.unwrap();
}

pub async fn moving_it_to_the_past_from_another_task() {
    let start = Instant::now();
    let t = timeout(TICK * 10);
    let lent = lend(&t);
    let mover = create_task(async move {
        sleep(TICK * 5).await;
        lent.reschedule(start).unwrap();
    });
    assert!(t.run(pending::<()>()).await.is_err());
    assert_eq!(start.elapsed(), TICK * 5);
    mover.await.unwrap();
}

pub async fn moving_it_away_and_a_cancellation() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let t = timeout_at(start + TICK * 10);
    let lent: &'static Timeout = lend(&t);
    let mut task = create_task(async {
        let _ = lent.run(sleep(TICK * 50)).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    assert_eq!(t.reschedule(start + TICK * 30), Ok(()));
    assert_eq!(t.when(), Some(start + TICK * 30));
    assert_eq!(t.reschedule(None), Ok(()));
    assert_eq!(t.when(), None);
    sleep(TICK * 40).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    assert!(!t.expired());
    assert_eq!(t.reschedule(None), Err(RescheduleError::Finished));
    LOG.expect(&[]);
}

pub async fn it_can_only_be_moved_while_it_runs() {
    let later = Instant::now() + TICK * 1000;
    let t = timeout(TICK * 10);
    assert_eq!(t.reschedule(later), Err(RescheduleError::NotRunning));
    assert_eq!(t.run(async { t.reschedule(later) }).await, Ok(Ok(())));
    assert_eq!(t.reschedule(None), Err(RescheduleError::Finished));
    assert_eq!(t.when(), Some(later));

    let t = timeout(TICK * 10);
    assert!(t.run(pending::<()>()).await.is_err());
    assert_eq!(t.reschedule(later), Err(RescheduleError::Expired));

    // Nor when it is on its way out.
    let t = timeout(TICK * 10);
    let result = t.run(async {
        let _ = catch_cancel(pending::<()>()).await;
        t.reschedule(later)
    });
    assert_eq!(result.await, Ok(Err(RescheduleError::Expired)));
    assert!(t.expired());
}
