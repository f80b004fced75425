use core::cell::Cell;
use core::future::pending;

use everloop_core::{
    Duration, ErrorGroup, Event, Fixed, Shared, Task, catch_cancel, create_task, current_task, sleep,
    task_group, yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

/// The errors of a group.
fn all<const N: usize>(errors: ErrorGroup<u32, Fixed<N>>) -> heapless::Vec<u32, 8> {
    errors.into_iter().collect()
}

/// Waits until it is asked to end, and fails.
async fn fails_in_cleanup(with: u32) -> Result<(), u32> {
    let _ = catch_cancel(pending::<()>()).await;
    sleep(TICK).await;
    Err(with)
}

/// Fails after so many ticks.
async fn fails_after(ticks: u32, with: u32) -> Result<(), u32> {
    sleep(TICK * ticks).await;
    Err(with)
}

pub async fn those_of_one_moment_come_back_together() {
    let (cleaned, asked) = (Cell::new(false), Cell::new(false));
    let result = task_group(Fixed::<4>, async |group| {
        for n in 1..=3 {
            group.create_task(fails_after(1, n));
        }
        group.create_task(async {
            let _ = catch_cancel(pending::<()>()).await;
            cleaned.set(true);
            Ok(())
        });
        let _ = catch_cancel(pending::<()>()).await;
        asked.set(true);
        Ok(())
    })
    .await;
    assert_eq!(all(result.unwrap_err()), [1, 2, 3]);
    assert!(cleaned.get() && asked.get());
}

pub async fn those_of_cleanups_win_over_a_cancellation() {
    static ERRORS: SendCell<heapless::Vec<u32, 8>> = SendCell::new();
    let task = create_task(async {
        let result = task_group(Fixed::<5>, async |group| {
            for n in 1..=5 {
                group.create_task(fails_in_cleanup(n));
            }
            pending::<()>().await;
            Ok(())
        });
        ERRORS.put(all(result.await.unwrap_err()));
    });
    sleep(TICK).await;
    task.cancel();
    let _ = task.await;
    assert_eq!(ERRORS.take(), [1, 2, 3, 4, 5]);
}

pub async fn one_of_the_body_wins_over_a_cancellation() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async {
        let result = task_group(Fixed::<1>, async |_| {
            let _ = catch_cancel(pending::<()>()).await;
            Err::<(), _>(7)
        });
        LOG.push(all(result.await.unwrap_err())[0]);
        yield_now().await;
        LOG.push(0);
    });
    sleep(TICK).await;
    task.cancel();
    // The request is delivered next.
    assert!(task.await.is_err());
    LOG.expect(&[7]);
}

pub async fn without_any_a_cancellation_of_the_body_surfaces() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async {
        let _ = task_group(Fixed::<1>, async |_| {
            let Err(cancelled) = catch_cancel(pending::<()>()).await else { unreachable!() };
            LOG.push(1);
            cancelled.resume().await;
            Ok::<_, ()>(())
        })
        .await;
        LOG.push(2);
    });
    sleep(TICK).await;
    task.cancel();
    assert!(task.await.is_err());
    LOG.expect(&[1]);
}

pub async fn those_of_a_child_and_of_the_body_come_back_together() {
    let result = task_group(Fixed::<1>, async |group| {
        group.create_task(fails_after(1, 1));
        let _ = catch_cancel(pending::<()>()).await;
        Err::<(), _>(2)
    });
    assert_eq!(all(result.await.unwrap_err()), [1, 2]);
}

pub async fn those_of_an_inner_group_are_one_of_the_outer() {
    // The body of the outer one fails with those of the inner.
    let result = task_group(Fixed::<1>, async |_| {
        let inner = task_group(Fixed::<1>, async |group| {
            group.create_task(fails_after(1, 3));
            Ok(())
        });
        inner.await.map_err(|errors| 10 + all(errors)[0])
    });
    assert_eq!(all(result.await.unwrap_err()), [13]);
}

pub async fn those_of_an_inner_groups_cleanup_are_one_of_the_outer() {
    static ERRORS: SendCell<heapless::Vec<u32, 8>> = SendCell::new();
    let task = create_task(async {
        let result = task_group(Fixed::<1>, async |outer| {
            outer.create_task(async { Ok(pending::<u32>().await) });
            let inner = task_group(Fixed::<3>, async |group| {
                for n in 1..=3 {
                    group.create_task(fails_in_cleanup(n));
                }
                pending::<()>().await;
                Ok(())
            });
            inner.await.map_err(|errors| all(errors).iter().sum())
        });
        ERRORS.put(all(result.await.unwrap_err()));
    });
    sleep(TICK).await;
    task.cancel();
    let _ = task.await;
    assert_eq!(ERRORS.take(), [6]);
}

pub async fn one_of_the_outer_group_ends_the_inner_one() {
    let inner_ended = Cell::new(false);
    let result = task_group(Fixed::<1>, async |outer| {
        outer.create_task(fails_after(1, 1));
        let inner = task_group(Fixed::<1>, async |group| {
            group.create_task(async {
                let Err(cancelled) = catch_cancel(fails_after(100, 2)).await else { unreachable!() };
                inner_ended.set(true);
                cancelled.resume().await;
                Ok(())
            });
            Ok(())
        });
        inner.await.map_err(|errors| all(errors)[0])
    });
    // The inner one has none of its own.
    assert_eq!(all(result.await.unwrap_err()), [1]);
    assert!(inner_ended.get());
}

pub async fn both_groups_fail_at_one_moment() {
    let seen = Cell::new(0);
    let result = task_group(Fixed::<1>, async |outer| {
        let inner = task_group(Fixed::<1>, async |group| {
            group.create_task(async { Err::<(), _>(1) });
            outer.create_task(async { Err::<(), _>(2) });
            pending::<()>().await;
            Ok(())
        });
        // Those of the inner one are dealt with here.
        seen.set(all(inner.await.unwrap_err())[0]);
        Ok(())
    });
    assert_eq!(all(result.await.unwrap_err()), [2]);
    assert_eq!(seen.get(), 1);
    assert_eq!(current_task().unwrap().cancelling(), 0);
}

pub async fn a_failure_leaves_no_request_behind() {
    let task = create_task(async {
        let result = task_group(Fixed::<1>, async |group| {
            group.create_task(async { Err::<(), _>(1) });
            pending::<()>().await;
            Ok(())
        });
        assert_eq!(all(result.await.unwrap_err()), [1]);
        let cancelling = current_task().unwrap().cancelling();
        // Nothing is left to be delivered either.
        sleep(TICK).await;
        cancelling
    });
    assert_eq!(task.await, Ok(0));
}

pub async fn a_cancellation_that_comes_with_one_is_not_lost() {
    static LOG: Trace = Trace::new();
    static BEGUN: Event<Shared> = Event::new();
    LOG.clear();
    BEGUN.clear();
    let task: Task<()> = create_task(async {
        let result = task_group(Fixed::<1>, async |group| {
            group.create_task(async {
                BEGUN.set();
                // Whatever is asked of it meanwhile.
                let _ = catch_cancel(yield_now()).await;
                Err::<(), _>(1)
            });
            pending::<()>().await;
            Ok(())
        });
        LOG.push(all(result.await.unwrap_err())[0]);
        assert_eq!(current_task().unwrap().cancelling(), 1);
        sleep(TICK).await;
        LOG.push(2);
    });
    BEGUN.wait().await;
    assert_eq!(task.cancelling(), 0);
    task.cancel();
    assert_eq!(task.cancelling(), 1);
    assert!(task.await.is_err());
    LOG.expect(&[1]);
}
