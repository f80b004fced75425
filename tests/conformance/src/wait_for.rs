use core::future::{pending, poll_fn};
use core::task::Poll;

use everloop_core::{
    Duration, Event, Fixed, Instant, Queue, Shared, Task, catch_cancel, create_task, shield, sleep,
    sleep_until, wait_for, yield_now,
};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

pub async fn value_in_time() {
    assert_eq!(wait_for(async { 1 }, TICK).await, Ok(1));
    let late = async {
        sleep(TICK).await;
        2
    };
    assert_eq!(wait_for(late, TICK * 2).await, Ok(2));
}

pub async fn timeout_after_the_deadline() {
    let start = Instant::now();
    assert!(wait_for(pending::<()>(), TICK * 20).await.is_err());
    assert_eq!(start.elapsed(), TICK * 20);
}

pub async fn zero_never_starts_the_future() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let guard = OnDrop(&LOG, 1);
    let result = wait_for(
        async move {
            let _guard = guard;
            LOG.push(99);
        },
        Duration::ZERO,
    );
    assert!(result.await.is_err());
    LOG.expect(&[1]);
}

pub async fn a_result_that_races_the_deadline_wins() {
    // Its own timer is later in line than that of the timeout, and due at the same moment.
    let deadline = Instant::now() + TICK * 5;
    let result = wait_for(
        async {
            sleep(TICK).await;
            sleep_until(deadline).await;
            1
        },
        TICK * 5,
    );
    assert_eq!(result.await, Ok(1));
    assert_eq!(Instant::now(), deadline);
}

pub async fn cleanup_ends_before_the_error() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let result = wait_for(
        async {
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                sleep(TICK * 30).await;
                LOG.push(1);
                cancelled.resume().await;
            }
        },
        TICK * 10,
    );
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 40);
    LOG.expect(&[1]);
}

pub async fn cleanup_value_wins() {
    let result = wait_for(
        async {
            let _ = catch_cancel(pending::<()>()).await;
            sleep(TICK * 30).await;
            4
        },
        TICK * 10,
    );
    assert_eq!(result.await, Ok(4));
}

pub async fn nested_with_one_deadline_the_outer_reports() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let result = wait_for(
        async {
            let inner = wait_for(pending::<()>(), TICK * 10).await;
            LOG.push(99);
            inner
        },
        TICK * 10,
    );
    assert!(result.await.is_err());
    LOG.expect(&[]);
    // With an earlier deadline the inner one reports, and the outer one is content.
    let result = wait_for(wait_for(pending::<()>(), TICK * 9), TICK * 10);
    assert!(result.await.unwrap().is_err());
}

pub async fn an_outer_deadline_cuts_the_inner_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let result = wait_for(
        async {
            let inner = wait_for(
                async {
                    let _ = catch_cancel(pending::<()>()).await;
                    LOG.push(1);
                    let _guard = OnDrop(&LOG, 2);
                    sleep(TICK * 100).await;
                    LOG.push(98);
                },
                TICK * 10,
            )
            .await;
            LOG.push(99);
            inner
        },
        TICK * 20,
    );
    assert!(result.await.is_err());
    assert_eq!(start.elapsed(), TICK * 20);
    LOG.expect(&[1, 2]);
}

pub async fn cancellation_from_outside_is_not_a_timeout() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let _ = wait_for(pending::<()>(), TICK * 100).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    assert!(task.cancelled());
    LOG.expect(&[]);
}

pub async fn outside_beats_the_deadline_during_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let inner = async {
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                // The second request comes while this cleans up, and is caught too.
                let again = catch_cancel(sleep(TICK * 50)).await;
                LOG.push(u32::from(again.is_err()));
                cancelled.resume().await;
            }
        };
        let _ = wait_for(inner, TICK * 10).await;
        LOG.push(99);
    });
    sleep(TICK * 20).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1]);
}

pub async fn around_a_task_cancels_it() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            sleep(TICK * 5).await;
            LOG.push(1);
            cancelled.resume().await;
        }
    });
    assert!(wait_for(&mut task, TICK * 10).await.is_err());
    assert!(task.cancelled());
    LOG.expect(&[1]);
}

pub async fn forever_never_fires() {
    let hours = async {
        sleep(Duration::from_secs(7200)).await;
        1
    };
    assert_eq!(wait_for(hours, Duration::MAX).await, Ok(1));
}

pub async fn a_timeout_loses_no_queue_item() {
    static QUEUE: Queue<u32, Fixed<4>, Shared> = Queue::new();
    // Each item comes at the very moment at which the getter gives up.
    let getter = create_task(async {
        let mut got = heapless::Vec::<u32, 8>::new();
        while got.len() < 5 {
            if let Ok(item) = wait_for(QUEUE.get(), TICK * 10).await {
                got.push(item.unwrap()).unwrap();
            }
        }
        got
    });
    for n in 0..5 {
        sleep(TICK * 10).await;
        QUEUE.put(n).await.unwrap();
    }
    assert_eq!(getter.await.unwrap().as_slice(), [0, 1, 2, 3, 4]);
    assert!(QUEUE.empty());
}

pub async fn dropping_it_takes_its_timer_out() {
    {
        let mut inner = core::pin::pin!(wait_for(pending::<()>(), TICK * 5));
        poll_fn(|cx| {
            assert!(inner.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    // A timer left behind would be freed memory in the heap by now, and would wake this early.
    let start = Instant::now();
    sleep(TICK * 20).await;
    assert_eq!(start.elapsed(), TICK * 20);
}

pub async fn cleanup_error_wins() {
    let mut task = create_task(async {
        let _ = catch_cancel(sleep(TICK * 200)).await;
        Err::<(), u32>(7)
    });
    assert_eq!(wait_for(&mut task, TICK).await, Ok(Ok(Err(7))));
}

pub async fn zero_gives_the_output_of_a_task_that_is_done() {
    let mut task = create_task(async { 1 });
    sleep(TICK).await;
    let start = Instant::now();
    assert_eq!(task.wait_for(Duration::ZERO).await, Ok(Ok(1)));
    assert_eq!(Instant::now(), start);
    let mut task = create_task(async { 2 });
    assert_eq!(task.wait_for(TICK).await, Ok(Ok(2)));
}

pub async fn zero_cancels_a_task_and_waits_for_it() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            sleep(TICK * 5).await;
            LOG.push(1);
            cancelled.resume().await;
        }
    });
    sleep(TICK).await;
    let start = Instant::now();
    assert!(task.wait_for(Duration::ZERO).await.is_err());
    assert_eq!(start.elapsed(), TICK * 5);
    assert!(task.cancelled());
    LOG.expect(&[1]);
    // One that was not polled yet never is.
    let mut task = create_task(async { LOG.push(99) });
    assert!(task.wait_for(Duration::ZERO).await.is_err());
    assert!(task.cancelled());
    LOG.expect(&[1]);
}

pub async fn what_swallows_a_request_runs_to_its_end() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let slow = async move {
        let exit = start + TICK * 200;
        while Instant::now() < exit {
            let _ = catch_cancel(sleep_until(exit)).await;
        }
        LOG.push(1);
    };
    let mut task = create_task(async move { wait_for(slow, TICK * 400).await });
    yield_now().await;
    task.cancel();
    assert_eq!((&mut task).await, Ok(Ok(())));
    assert_eq!(start.elapsed(), TICK * 200);
    LOG.expect(&[1]);
}

pub async fn cancelling_the_wait_cancels_the_task() {
    for timeout in [Duration::from_secs(60), Duration::MAX] {
        let mut slot = create_task(pending::<()>());
        let inner = lend(&mut slot);
        let mut wait = create_task(async move {
            let _ = wait_for(inner, timeout).await;
        });
        yield_now().await;
        wait.cancel();
        assert!((&mut wait).await.is_err());
        assert!(slot.cancelled());
    }
}

pub async fn a_wait_that_never_began_leaves_the_task_running() {
    let mut slot = create_task(async {
        sleep(TICK * 3).await;
        42
    });
    let inner = lend(&mut slot);
    let mut wait = create_task(async move {
        let _ = wait_for(inner, TICK).await;
    });
    wait.cancel();
    assert!((&mut wait).await.is_err());
    assert_eq!((&mut slot).await, Ok(42));
}

pub async fn a_cancellation_beats_a_task_that_is_done() {
    static LOG: Trace = Trace::new();
    static GO: Event<Shared> = Event::new();
    LOG.clear();
    GO.clear();
    let mut slot = create_task(async {
        GO.wait().await;
        1
    });
    let inner = lend(&mut slot);
    let mut wait = create_task(async move {
        let _ = wait_for(inner, TICK * 100).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    // The task ends, and before its end is seen the wait is cancelled.
    GO.set();
    yield_now().await;
    wait.cancel();
    assert!((&mut wait).await.is_err());
    assert!(slot.done());
    assert_eq!(slot.await, Ok(1));
    LOG.expect(&[]);
}

pub async fn a_cancellation_after_it_cuts_what_follows() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        LOG.push(wait_for(create_task(async { 1 }), TICK * 100).await.unwrap().unwrap());
        sleep(TICK).await;
        LOG.push(99);
    });
    yield_now().await;
    yield_now().await;
    yield_now().await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1]);
}

pub async fn zero_leaves_a_shielded_task_running() {
    let mut task = create_task(async {
        sleep(TICK * 10).await;
        1
    });
    assert!(wait_for(shield(&mut task), Duration::ZERO).await.is_err());
    assert!(!task.done());
    assert_eq!(task.await, Ok(1));
}

pub async fn a_shielded_task_may_take_its_time() {
    let mut task = create_task(async {
        sleep(TICK * 100).await;
        1
    });
    assert_eq!(wait_for(shield(&mut task), Duration::MAX).await, Ok(Ok(1)));
}

pub async fn a_shielded_task_outlasts_the_deadline() {
    let start = Instant::now();
    let mut task = create_task(async {
        sleep(TICK * 100).await;
        1
    });
    assert!(wait_for(shield(&mut task), TICK * 10).await.is_err());
    assert_eq!(start.elapsed(), TICK * 10);
    assert_eq!(task.await, Ok(1));
    assert_eq!(start.elapsed(), TICK * 100);
}

/// Lends a handle to another task.
fn lend<T>(task: &mut Task<T>) -> &'static mut Task<T> {
    // SAFETY: each test awaits that other task before it uses the handle again.
    unsafe { &mut *core::ptr::from_mut(task) }
}
