//! Deadlines inside each other.

use core::future::{pending, poll_fn};
use core::pin::pin;

use everloop_core::{Duration, Instant, catch_cancel, sleep, timeout, timeout_at, wait_for};

use super::TICK;
use crate::trace::{OnDrop, Trace};

pub async fn nested_with_one_deadline_the_outer_reports() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let deadline = Instant::now() + TICK * 10;
    let (outer, inner) = (timeout_at(deadline), timeout_at(deadline));
    let result = outer.run(async {
        let result = catch_cancel(inner.run(pending::<()>())).await;
        if let Err(cancelled) = result {
            LOG.push(1);
            cancelled.resume().await;
        }
        LOG.push(99);
    });
    assert!(result.await.is_err());
    assert!(outer.expired());
    assert!(inner.expired());
    LOG.expect(&[1]);
    // So too when both are past from the start.
    let t = timeout(Duration::ZERO);
    let result = t.run(async {
        let _ = timeout(Duration::ZERO).run(pending::<()>()).await;
        LOG.push(98);
    });
    assert!(result.await.is_err());
    // And with `wait_for` as the inner and as the outer one.
    let t = timeout(TICK);
    let result = t.run(async {
        let _ = wait_for(pending::<()>(), TICK).await;
        LOG.push(97);
    });
    assert!(result.await.is_err());
    let result = wait_for(
        async {
            let _ = timeout(TICK).run(pending::<()>()).await;
            LOG.push(96);
        },
        TICK,
    );
    assert!(result.await.is_err());
    LOG.expect(&[1]);
}

pub async fn nested_the_earlier_one_reports() {
    let (outer, inner) = (timeout(TICK * 2), timeout(TICK * 100));
    assert!(outer.run(async { inner.run(sleep(TICK * 1000)).await }).await.is_err());
    assert!(!inner.expired());
    let (outer, inner) = (timeout(TICK * 100), timeout(TICK * 2));
    assert!(outer.run(async { inner.run(sleep(TICK * 1000)).await }).await.unwrap().is_err());
    assert!(!outer.expired());
}

pub async fn nested_and_both_late_the_outer_reports() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let (outer, inner) = (timeout(TICK * 20), timeout(TICK * 10));
    let both = outer.run(async {
        let _ = inner.run(pending::<()>()).await;
        LOG.push(99);
    });
    let mut both = pin!(both);
    let mut early = pin!(sleep(TICK * 10));
    poll_fn(|cx| {
        // Its turn is the one in which the inner deadline has passed too.
        if early.as_mut().poll(cx).is_ready() {
            let _ = outer.reschedule(Instant::now());
        }
        both.as_mut().poll(cx)
    })
    .await
    .unwrap_err();
    assert!(outer.expired());
    assert!(inner.expired());
    LOG.expect(&[]);
}

pub async fn an_outer_deadline_cuts_the_inner_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let t = timeout(TICK * 20);
    let result = t.run(async {
        let t = timeout(TICK * 10);
        let result = t.run(async {
            let _ = catch_cancel(pending::<()>()).await;
            let _guard = OnDrop(&LOG, 1);
            sleep(TICK * 100).await;
        });
        let _ = result.await;
        LOG.push(99);
    });
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 20);
    LOG.expect(&[1]);
}

pub async fn cleanup_may_have_a_timeout_of_its_own() {
    let start = Instant::now();
    let t = timeout(TICK * 10);
    let result = t.run(async {
        if let Err(cancelled) = catch_cancel(sleep(TICK * 1000)).await {
            assert!(timeout(TICK * 10).run(sleep(TICK * 1000)).await.is_err());
            cancelled.resume().await;
        }
    });
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 20);
}
