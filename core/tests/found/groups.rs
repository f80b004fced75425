//! Wrongs that random trees and a review found in groups, each as the smallest program that showed it.
#![allow(clippy::async_yields_async)] // a future is the output, on purpose
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}
fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Counts where it borrows from that it was dropped.
struct Counts<'a>(&'a Cell<u32>);

impl Drop for Counts<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Makes a group with a child that borrows `drops`, polls it, and forgets it.
async fn forget_a_group(drops: &Cell<u32>) -> Task<()> {
    let child = Cell::new(None);
    let mut group = Box::pin(task_group(Unbounded, async |group| {
        child.set(Some(group.create_task(async {
            let _counts = Counts(drops);
            pending::<()>().await;
            Ok::<_, ()>(())
        })));
        pending::<()>().await;
        Ok(())
    }));
    // Until the child runs, and no further.
    for _ in 0..5 {
        assert!(poll_fn(|cx| Poll::Ready(group.as_mut().poll(cx).is_pending())).await);
        sleep(ms(1)).await;
    }
    std::mem::forget(group);
    child.take().unwrap()
}

#[test]
fn a_child_of_a_forgotten_group_is_not_dropped_by_its_handle() {
    let drops = Cell::new(0);
    run(async {
        let child = forget_a_group(&drops).await;
        assert!(child.abort());
        sleep(ms(1)).await;
        assert!(!child.done());
    })
    .unwrap();
    assert_eq!(drops.get(), 0, "what it borrows may be gone");
}

#[test]
fn a_child_of_a_forgotten_group_is_not_dropped_by_a_loop_that_breaks_off() {
    let drops = Cell::new(0);
    let deadlock = catch_unwind(AssertUnwindSafe(|| {
        run(async {
            drop(create_task(pending::<()>()));
            drop(forget_a_group(&drops).await);
            drop(create_task(pending::<()>()));
            pending::<()>().await;
        })
    }));
    assert!(deadlock.is_err());
    assert_eq!(drops.get(), 0, "what it borrows may be gone");
}

#[test]
fn a_child_that_is_aborted_from_outside_its_group_is_dropped_by_it() {
    let drops = Cell::new(0);
    run(async {
        let child = Rc::new(Cell::new(None));
        let handle = child.clone();
        let aborts = create_task(async move {
            sleep(ms(1)).await;
            let child: Task<()> = handle.take().unwrap();
            assert!(child.abort());
            sleep(ms(1)).await;
            assert!(child.done() && child.cancelled());
        });
        let result = task_group(Unbounded, async |group| {
            child.set(Some(group.create_task(async {
                let _counts = Counts(&drops);
                if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                    sleep(ms(100)).await;
                    cancelled.resume().await;
                }
                Ok::<_, ()>(())
            })));
            Ok(())
        });
        assert!(result.await.is_ok());
        assert_eq!((drops.get(), Instant::now().as_ticks()), (1, 1_000_000));
        aborts.await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_request_under_which_a_group_failed_is_delivered_though_a_scope_ends_first() {
    run(async {
        let reached = Rc::new(Cell::new(0));
        let log = reached.clone();
        let task = create_task(async move {
            let inside = async {
                let result = task_group(Unbounded, async |group| {
                    drop(group.create_task(async { Err::<(), _>("error") }));
                    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                        sleep(ms(10)).await;
                        cancelled.resume().await;
                    }
                    Ok(())
                });
                assert!(result.await.is_err());
            };
            // The scopes around the group end without an await.
            assert!(catch_cancel(wait_for(inside, ms(100))).await.is_ok());
            log.set(1);
            sleep(ms(1)).await;
            log.set(2);
        });
        sleep(ms(5)).await;
        task.cancel();
        assert!(task.await.is_err());
        assert_eq!(reached.get(), 1);
    })
    .unwrap();
}

/// Cancels a group whose one child takes 50 ms to clean up, and says when it has ended.
async fn cancelled_group(body: impl Future<Output = ()> + 'static) -> u64 {
    let task = create_task(async move {
        let result = task_group(Unbounded, async |group| {
            drop(group.create_task(async {
                if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                    sleep(ms(50)).await;
                    cancelled.resume().await;
                }
                Ok::<_, ()>(())
            }));
            body.await;
            Ok(())
        });
        drop(result.await);
    });
    sleep(ms(5)).await;
    task.cancel();
    assert!(task.await.is_err());
    Instant::now().as_ticks() / 1_000_000
}

#[test]
fn a_body_is_asked_after_what_it_shields_though_the_children_were_asked_before() {
    let ended = run(cancelled_group(async {
        shield(sleep(ms(10))).await;
        sleep(ms(10_000)).await;
    }));
    assert_eq!(ended, Ok(55));
}

#[test]
fn a_body_is_asked_after_an_inner_group_failed_though_the_children_were_asked_before() {
    let ended = run(cancelled_group(async {
        let inner = task_group(Unbounded, async |group| {
            drop(group.create_task(async {
                let _ = catch_cancel(pending::<()>()).await;
                Err::<(), _>("error")
            }));
            Ok(())
        });
        assert!(inner.await.is_err());
        sleep(ms(10_000)).await;
    }));
    assert_eq!(ended, Ok(55));
}

#[test]
fn a_body_is_asked_though_the_scope_that_was_to_be_is_dropped_first() {
    let ended = run(cancelled_group(async {
        let mut inner = Some(Box::pin(catch_cancel(sleep(ms(10_000)))));
        poll_fn(move |cx| {
            if Instant::now().as_ticks() == 5_000_000 {
                // It holds the request, and was not polled with it.
                inner = None;
            }
            match &mut inner {
                Some(inner) => inner.as_mut().poll(cx).map(|_| ()),
                None => Poll::Ready(()),
            }
        })
        .await;
        sleep(ms(10_000)).await;
    }));
    assert_eq!(ended, Ok(55));
}

/// A group that was stowed away may yet drop its children, in the loop's name; so the loop waits for it, and if the group
/// was forgotten, for ever.
#[test]
fn a_loop_stays_taken_while_children_that_borrow_are_left_of_its_run() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let stowed = LOOP.run(&VirtualTime::new(), &[], async {
        let mut group = Box::pin(task_group(Unbounded, async |group| {
            drop(group.create_task(pending::<Result<(), ()>>()));
            Ok(())
        }));
        assert!(poll_fn(|cx| Poll::Ready(group.as_mut().poll(cx).is_pending())).await);
        group
    });
    assert_eq!(LOOP.run(&VirtualTime::new(), &[], async {}), Err(RunError::AlreadyRunning));
    drop(stowed.unwrap());
    assert_eq!(LOOP.run(&VirtualTime::new(), &[], async {}), Ok(()));
    LOOP.run(&VirtualTime::new(), &[], async {
        drop(forget_a_group(&Cell::new(0)).await);
    })
    .unwrap();
    assert_eq!(LOOP.run(&VirtualTime::new(), &[], async {}), Err(RunError::AlreadyRunning));
}
