//! Requests to end that meet: two of one moment, one from outside with a group's own, and what is said with each.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Duration, OwnedLoop, Unbounded, catch_cancel, create_task, current_task, gather, shield, sleep,
    task_group, timeout, wait_for, yield_now,
};

const TICK: Duration = Duration::from_millis(1);

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

/// Waits until it is asked to end, and takes its time for it. Whether it was let.
async fn cleans_up(span: Duration, done: Rc<Cell<bool>>) {
    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
        sleep(span).await;
        done.set(true);
        cancelled.resume().await;
    }
}

/// What one hands on to the other of two that were asked by one step, of a task that was polled so often before, is no
/// second request.
fn two_are_asked_in_one_step(after: usize) {
    run(async move {
        let (cleaned, info) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(None)));
        let (done, tells) = (cleaned.clone(), info.clone());
        let inner = create_task(async move {
            tells.set(current_task());
            cleans_up(TICK, done).await;
        });
        let outer = create_task(inner.into_future());
        for _ in 0..after {
            yield_now().await;
        }
        assert!(info.take().unwrap().cancel());
        assert!(outer.cancel());
        assert!(outer.await.is_err());
        assert!(cleaned.get(), "the cleanup was cut");
    });
}

#[test]
fn requests_of_one_step_are_one() {
    two_are_asked_in_one_step(2);
}

#[test]
fn requests_of_one_step_are_one_however_often_the_task_was_polled() {
    two_are_asked_in_one_step(1000);
}

#[test]
fn a_body_that_cleans_up_is_not_asked_anew_since_a_child_fails_at_it() {
    run(async {
        let cleaned = Rc::new(Cell::new(false));
        let done = cleaned.clone();
        let task = create_task(async {
            let result = task_group(Unbounded, async |group| {
                drop(group.create_task(async {
                    let _ = catch_cancel(pending::<()>()).await;
                    sleep(TICK).await;
                    Err::<(), _>("in the cleanup")
                }));
                cleans_up(TICK * 5, done).await;
                Ok(())
            });
            assert!(result.await.is_err());
            pending::<()>().await;
        });
        // Child and body have begun.
        sleep(TICK).await;
        task.cancel();
        assert!(task.await.is_err());
        assert!(cleaned.get(), "the cleanup was cut");
    });
}

#[test]
fn a_request_to_a_group_that_has_failed_is_delivered_after_its_error() {
    run(async {
        let got = Rc::new(Cell::new(0));
        let tells = got.clone();
        let task = create_task(async move {
            let result = task_group(Unbounded, async |group| {
                drop(group.create_task(async { Err::<(), _>("error") }));
                // Neither request is taken before.
                shield(sleep(TICK * 5)).await;
                pending::<()>().await;
                Ok(())
            });
            assert!(result.await.is_err());
            tells.set(1);
            sleep(TICK).await;
            tells.set(2);
        });
        sleep(TICK).await;
        // No child is left.
        task.cancel();
        assert!(task.await.is_err());
        assert_eq!(got.get(), 1);
    });
}

#[test]
fn what_a_group_asks_of_its_body_is_no_request_from_outside_though_it_comes_back() {
    run(async {
        let failed = Cell::new(false);
        let came_back = Cell::new(false);
        let task = create_task(async move {
            let result = task_group(Unbounded, async |group| {
                drop(group.create_task(async {
                    failed.set(true);
                    Err::<(), _>("error")
                }));
                // Ready in the very poll in which it is asked, so that the request comes back from it.
                shield(poll_fn(|_| if failed.get() { Poll::Ready(()) } else { Poll::Pending })).await;
                came_back.set(true);
                pending::<()>().await;
                Ok(())
            });
            assert!(result.await.is_err() && came_back.get());
            sleep(TICK).await;
            7
        });
        assert_eq!(task.await, Ok(7));
    });
}

#[test]
fn what_a_body_gives_in_spite_of_a_request_is_not_lost() {
    run(async {
        let (open, got) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(None)));
        let (ready, tells) = (open.clone(), got.clone());
        let task = create_task(async move {
            let result = task_group(Unbounded, async |_| {
                let ready = poll_fn(|_| if ready.get() { Poll::Ready(9) } else { Poll::Pending });
                Ok::<_, ()>(shield(ready).await)
            });
            tells.set(Some(result.await.unwrap()));
            sleep(TICK).await;
            tells.set(None);
        });
        yield_now().await;
        open.set(true);
        task.cancel();
        assert!(task.await.is_err());
        assert_eq!(got.get(), Some(9));
    });
}

#[test]
fn a_deadline_says_nothing_of_what_was_said_with_a_request_before() {
    run(async {
        let task = create_task(async {
            let error = catch_cancel(pending::<()>()).await.unwrap_err();
            assert_eq!(error.message(), Some("enough"));
            let limit = timeout(TICK);
            let late = limit.run(async {
                let error = catch_cancel(async { gather((pending::<()>(), pending::<()>())).await });
                let error = error.await.map(drop).unwrap_err();
                assert_eq!(error.message(), None);
                error.resume().await;
            });
            assert!(late.await.is_err());
            8
        });
        yield_now().await;
        task.cancel_with("enough");
        assert_eq!(task.await, Ok(8));
    });
}

/// What a destructor polls stands in the scope whose inside is dropped, and goes with it: a request to the task finds
/// nothing there that it would have to be handed to first.
#[test]
fn a_scope_that_a_destructor_polls_ends_with_the_scope_around() {
    type Boxed = Pin<Box<dyn Future<Output = ()>>>;

    /// Polls a scope when it is dropped, and leaves it there.
    struct Polls(Rc<Cell<Option<Boxed>>>);
    impl Drop for Polls {
        fn drop(&mut self) {
            let mut left: Boxed = Box::pin(async { assert!(catch_cancel(pending::<()>()).await.is_err()) });
            assert!(left.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            self.0.set(Some(left));
        }
    }
    for kind in 0..3 {
        run(async move {
            let (polls, left) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(None)));
            let (counts, leaves) = (polls.clone(), left.clone());
            let task = create_task(async move {
                let inside = async {
                    let _polls = Polls(leaves);
                    pending::<()>().await;
                };
                let mut scope: Boxed = match kind {
                    0 => Box::pin(async { assert!(wait_for(inside, TICK * 9).await.is_ok()) }),
                    1 => Box::pin(async { assert!(catch_cancel(inside).await.is_ok()) }),
                    _ => Box::pin(async {
                        drop(
                            task_group(Unbounded, async |_| {
                                inside.await;
                                Ok::<_, ()>(())
                            })
                            .await,
                        );
                    }),
                };
                assert!(poll_fn(|cx| Poll::Ready(scope.as_mut().poll(cx))).await.is_pending());
                drop(scope);
                poll_fn(|_| {
                    counts.set(counts.get() + 1);
                    Poll::<()>::Pending
                })
                .await;
            });
            yield_now().await;
            task.cancel();
            assert!(task.await.is_err());
            assert_eq!(polls.get(), 1, "scope {kind}");
            assert!(left.take().is_some());
        });
    }
}

#[test]
fn a_wait_for_that_is_polled_too_often_says_so() {
    let told = run(async {
        let mut wait = pin!(wait_for(async {}, TICK));
        assert!(poll_fn(|cx| wait.as_mut().poll(cx)).await.is_ok());
        let again = std::panic::AssertUnwindSafe(|| {
            let _ = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        });
        *std::panic::catch_unwind(again).unwrap_err().downcast::<String>().unwrap()
    });
    assert_eq!(told, "`wait_for` was polled after it was ready");
}
