use core::future::pending;

use everloop_core::{
    Duration, Instant, catch_cancel, create_task, gather, shield, sleep, try_gather, wait_for, yield_now,
};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

async fn after(ticks: u32, value: u32) -> u32 {
    sleep(TICK * ticks).await;
    value
}

async fn careful(log: &'static Trace, ticks: u32, n: u32) -> u32 {
    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
        sleep(TICK * ticks).await;
        log.push(n);
        cancelled.resume().await;
    }
    99
}

pub async fn results_keep_the_order_of_the_arguments() {
    let start = Instant::now();
    assert_eq!(gather((after(3, 1), after(1, 2), after(2, 3))).await, (Ok(1), Ok(2), Ok(3)));
    assert_eq!(gather([after(2, 1), after(1, 2)]).await, [Ok(1), Ok(2)]);
    assert_eq!(start.elapsed(), TICK * 5);
}

pub async fn none_gives_empty() {
    gather(()).await;
    let none: [core::future::Ready<u8>; 0] = [];
    assert_eq!(gather(none).await, []);
}

pub async fn the_first_error_comes_at_once_and_tasks_run_on() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        sleep(TICK * 10).await;
        LOG.push(2);
    });
    let fails = async {
        sleep(TICK * 2).await;
        LOG.push(1);
        Err::<(), u32>(7)
    };
    let waits = async {
        (&mut task).await.unwrap();
        Ok::<(), u32>(())
    };
    let start = Instant::now();
    assert_eq!(try_gather((waits, fails)).await, Err(7));
    assert_eq!(start.elapsed(), TICK * 2);
    assert!(!task.done());
    task.await.unwrap();
    LOG.expect(&[1, 2]);
}

pub async fn values_come_back_without_errors() {
    let two = async { Ok::<u32, ()>(after(2, 2).await) };
    assert_eq!(try_gather((async { Ok(1) }, two)).await, Ok((1, 2)));
    assert_eq!(try_gather([async { Ok::<u8, ()>(1) }]).await, Ok([1]));
}

pub async fn cancelling_the_outer_reaches_every_child_and_waits() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let _ = gather((careful(&LOG, 9, 1), careful(&LOG, 3, 2), careful(&LOG, 6, 3))).await;
        LOG.push(98);
    });
    sleep(TICK).await;
    task.cancel();
    let start = Instant::now();
    assert!((&mut task).await.is_err());
    assert_eq!(start.elapsed(), TICK * 9);
    LOG.expect(&[2, 3, 1]);
}

pub async fn it_surfaces_even_if_all_swallow() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    async fn swallow() -> u32 {
        let _ = catch_cancel(pending::<()>()).await;
        sleep(TICK * 5).await;
        LOG.push(1);
        5
    }
    let mut task = create_task(async {
        let _ = gather([swallow(), swallow()]).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 1]);
}

pub async fn a_childs_own_cancellation_is_an_outcome() {
    let cancelled = {
        let task = create_task(pending::<()>());
        task.cancel();
        task.await.unwrap_err()
    };
    let raises = async move {
        sleep(TICK).await;
        cancelled.resume().await;
    };
    let (one, two) = gather((raises, after(5, 2))).await;
    assert!(one.is_err());
    assert_eq!(two, Ok(2));
    // Of the failing-fast form it cancels the whole.
    let raises = async move {
        cancelled.resume().await;
        Ok::<u32, ()>(1)
    };
    let caught = catch_cancel(try_gather((raises, async { Ok::<u32, ()>(after(50, 2).await) }))).await;
    assert!(caught.is_err());
}

pub async fn errors_and_cancellations_are_outcomes() {
    let cancelled = create_task(pending::<()>());
    cancelled.cancel();
    let fails = |ticks, error| async move { Err::<u32, u32>(after(ticks, error).await) };
    let start = Instant::now();
    let all = gather((after(2, 1), fails(1, 2), cancelled, after(4, 3), fails(3, 4))).await;
    assert!(matches!(all, (Ok(1), Ok(Err(2)), Ok(Err(_)), Ok(3), Ok(Err(4)))));
    // No error ended it before the last was ready.
    assert_eq!(start.elapsed(), TICK * 4);
}

pub async fn of_several_errors_the_first_counts() {
    let start = Instant::now();
    let fails = |ticks, error| async move { Err::<(), u32>(after(ticks, error).await) };
    assert_eq!(try_gather((fails(3, 1), fails(2, 2), fails(4, 3))).await, Err(2));
    assert_eq!(start.elapsed(), TICK * 2);
    // In one moment, the first of the arguments.
    assert_eq!(try_gather([fails(1, 1), fails(1, 2)]).await, Err(1));
}

pub async fn cancelling_the_outer_cancels_gathered_tasks() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut children = [1, 2].map(|n| {
        create_task(async move {
            let _guard = OnDrop(&LOG, n);
            pending::<()>().await;
            LOG.push(99);
        })
    });
    let [one, two] = &mut children;
    let outer = async {
        let _ = gather((one, two)).await;
        LOG.push(98);
    };
    assert!(wait_for(outer, TICK).await.is_err());
    assert!(children.iter().all(everloop_core::Task::cancelled));
    LOG.expect(&[1, 2]);
}

pub async fn an_error_during_cancellation_cuts_no_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let quick_error = async {
            let _ = catch_cancel(pending::<()>()).await;
            Err::<u32, u32>(1)
        };
        let slow = async { Ok::<u32, u32>(careful(&LOG, 5, 4).await) };
        // The error comes first, and the cancellation at the next await.
        assert_eq!(try_gather((quick_error, slow)).await, Err(1));
        LOG.push(98);
        yield_now().await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[4, 98]);
}

pub async fn a_timeout_around_it_waits_for_all_cleanups() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let both = gather((careful(&LOG, 4, 1), careful(&LOG, 8, 2)));
    assert!(wait_for(both, TICK * 10).await.is_err());
    assert_eq!(start.elapsed(), TICK * 18);
    LOG.expect(&[1, 2]);
}

pub async fn nested_gathers_clean_up_and_surface() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let inner = gather((careful(&LOG, 1, 1), careful(&LOG, 2, 2)));
        let _ = gather((inner, careful(&LOG, 3, 3))).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2, 3]);
}

pub async fn dropping_it_drops_the_children() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let children = [1, 2, 3].map(|n| async move {
        let _guard = OnDrop(&LOG, n);
        pending::<()>().await;
    });
    let mut both = core::pin::pin!(Some(gather(children)));
    core::future::poll_fn(|cx| {
        assert!(both.as_mut().as_pin_mut().unwrap().poll(cx).is_pending());
        core::task::Poll::Ready(())
    })
    .await;
    both.set(None);
    LOG.expect(&[1, 2, 3]);
}

pub async fn shield_holds_the_request_until_after() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let value = shield(after(10, 5)).await;
        LOG.push(value);
        let _guard = OnDrop(&LOG, 6);
        sleep(TICK * 10).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    let start = Instant::now();
    assert!((&mut task).await.is_err());
    assert_eq!(start.elapsed(), TICK * 9);
    LOG.expect(&[5, 6]);
}

pub async fn shield_beside_a_sibling_that_is_cancelled() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let shielded = async {
            LOG.push(shield(after(10, 2)).await);
            sleep(TICK).await;
            LOG.push(98);
        };
        let _ = gather((shielded, careful(&LOG, 3, 1))).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
}

pub async fn a_shielded_timeout_still_fires() {
    let start = Instant::now();
    assert!(shield(wait_for(pending::<()>(), TICK * 4)).await.is_err());
    assert_eq!(start.elapsed(), TICK * 4);
}

pub async fn returning_after_a_shield_with_a_request_held_ends_cancelled() {
    let mut task = create_task(async { shield(after(5, 1)).await });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
}
