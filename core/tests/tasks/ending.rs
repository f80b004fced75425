//! At its end a loop cancels what is left over: each task once, whoever waits for whom, so that no cleanup is cut.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Runs a loop whose main task ends when what `start` begins has come to where it waits.
fn end_with(start: impl FnOnce()) {
    let main = async {
        start();
        sleep(ms(1)).await;
    };
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap();
}

/// Waits until it is cancelled, then awaits `cleanup`, and tells when that is through.
async fn cleans_up(cleanup: impl Future, through: Rc<Cell<u32>>) {
    let cancelled = catch_cancel(sleep(ms(100_000))).await.unwrap_err();
    cleanup.await;
    through.set(through.get() + 1);
    cancelled.resume().await;
}

#[test]
fn cleanup_of_a_task_that_another_one_awaits_is_not_cut() {
    let through = Rc::new(Cell::new(0));
    let told = through.clone();
    end_with(move || {
        create_task(async move {
            let middle = create_task(async move {
                let inner = create_task(cleans_up(sleep(ms(10)), told.clone()));
                let _ = inner.await;
            });
            let _ = middle.await;
        });
    });
    assert_eq!(through.get(), 1);
}

#[test]
fn cleanup_of_a_groups_children_is_not_cut() {
    let through = Rc::new(Cell::new(0));
    let told = through.clone();
    end_with(move || {
        create_task(async move {
            let (one, two) = (told.clone(), told);
            let _ = task_group(Unbounded, async |group| {
                drop(group.create_static_task(async move {
                    cleans_up(sleep(ms(10)), one).await;
                    Ok::<(), ()>(())
                }));
                drop(group.create_task(async {
                    cleans_up(sleep(ms(10)), two.clone()).await;
                    Ok(())
                }));
                Ok(())
            })
            .await;
        });
    });
    assert_eq!(through.get(), 2);
}

#[test]
fn cleanup_of_a_task_that_a_child_awaits_is_not_cut() {
    let through = Rc::new(Cell::new(0));
    let told = through.clone();
    end_with(move || {
        create_task(async move {
            let _ = task_group(Unbounded, async |group| {
                drop(group.create_task(async {
                    let _ = create_task(cleans_up(sleep(ms(10)), told.clone())).await;
                    Ok::<(), ()>(())
                }));
                Ok(())
            })
            .await;
        });
    });
    assert_eq!(through.get(), 1);
}

#[test]
fn cleanup_is_not_cut_by_a_task_that_another_cleanup_creates() {
    let through = Rc::new(Cell::new(0));
    let (one, two) = (through.clone(), through.clone());
    end_with(move || {
        create_task(cleans_up(sleep(ms(10)), one));
        let helper = async {
            sleep(ms(5)).await;
            assert_eq!(create_task(async { 1 }).await, Ok(1));
        };
        create_task(cleans_up(helper, two));
    });
    assert_eq!(through.get(), 2);
}

#[test]
fn cleanup_may_await_tasks_and_groups_that_it_creates() {
    let through = Rc::new(Cell::new(0));
    let told = through.clone();
    end_with(move || {
        let cleanup = async {
            assert_eq!(create_task(sleep(ms(5))).await, Ok(()));
            let both = task_group(Unbounded, async |group| {
                let child = group.create_task(async {
                    sleep(ms(5)).await;
                    Ok::<_, ()>(1)
                });
                let other = group.create_static_task(async {
                    sleep(ms(5)).await;
                    Ok(2)
                });
                Ok((child.await, other.await))
            });
            assert_eq!(both.await.unwrap(), (Ok(1), Ok(2)));
        };
        create_task(cleans_up(cleanup, told));
    });
    assert_eq!(through.get(), 1);
}

#[test]
fn tasks_that_cleanup_leaves_behind_are_cancelled_too() {
    let through = Rc::new(Cell::new(0));
    let (one, two) = (through.clone(), through.clone());
    end_with(move || {
        let cleanup = async move {
            create_task(cleans_up(
                async move {
                    create_task(cleans_up(sleep(ms(10)), one.clone()));
                    sleep(ms(10)).await;
                },
                Rc::new(Cell::new(0)),
            ));
            sleep(ms(10)).await;
        };
        create_task(cleans_up(cleanup, two));
    });
    assert_eq!(through.get(), 2);
}

/// What is handed on later than the loop's own request is a request of its own.
#[test]
fn a_deadline_in_cleanup_still_reaches_the_task_that_it_awaits() {
    let through = Rc::new(Cell::new(0));
    let (one, two) = (through.clone(), through.clone());
    end_with(move || {
        let mut slow = create_task(cleans_up(sleep(ms(100_000)), one));
        let cleanup = async move {
            let start = Instant::now();
            assert!(wait_for(&mut slow, ms(10)).await.is_err());
            assert!(start.elapsed() < ms(100));
        };
        create_task(cleans_up(cleanup, two));
    });
    assert_eq!(through.get(), 1);
}
