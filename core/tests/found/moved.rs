//! Wrongs that random trees found in scopes that are moved or forgotten, each as a small program.
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}
fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}
fn now() -> u64 {
    Instant::now().as_ticks() / 1_000_000
}

/// Polls `inner` until `leaves` says so at the begin of a poll, and then lets go of it.
async fn some_polls(inner: &mut Option<Boxed>, mut leaves: impl FnMut() -> bool) {
    poll_fn(|cx| {
        if leaves() {
            return Poll::Ready(());
        }
        inner.as_mut().unwrap().as_mut().poll(cx)
    })
    .await;
}

/// Polls `inner` inside one scope until `leaves` says so, and from then on inside another.
fn moved(inner: impl Future<Output = ()> + 'static, leaves: impl FnMut() -> bool + 'static) -> Boxed {
    let mut inner: Option<Boxed> = Some(Box::pin(inner));
    Box::pin(async move {
        if let Err(cancelled) = catch_cancel(some_polls(&mut inner, leaves)).await {
            cancelled.resume().await;
        }
        if let Err(cancelled) = catch_cancel(inner.unwrap()).await {
            cancelled.resume().await;
        }
    })
}

/// From the poll after the first so many on.
fn after(polls: u64) -> impl FnMut() -> bool {
    let mut polls = 0..polls;
    move || polls.next().is_none()
}

/// Cancels `work` at 2 ms. When it had ended.
fn cancelled(work: impl Future<Output = ()> + 'static) -> Result<u64, RunError> {
    run(async {
        let task = create_task(work);
        sleep(ms(2)).await;
        task.cancel();
        assert!(wait_for(task, ms(1_000)).await.expect("the request was lost").is_err());
        now()
    })
}

#[test]
fn a_request_reaches_a_scope_that_is_moved_together_with_one_around_it() {
    let ended = cancelled(async {
        let inner = moved(catch_resumed(pending()), after(1));
        // It takes the request at once, for all.
        let beside: Boxed = Box::pin(pending());
        let around = async {
            let _ = gather(vec![inner, beside]).await;
        };
        moved(catch_resumed(around), after(2)).await;
    });
    assert_eq!(ended, Ok(2));
}

/// A scope that cleans up nothing.
async fn catch_resumed(inner: impl Future<Output = ()>) {
    if let Err(cancelled) = catch_cancel(inner).await {
        cancelled.resume().await;
    }
}

#[test]
fn a_request_that_a_shield_holds_is_kept_when_the_scopes_around_it_are_moved() {
    let ended = cancelled(async {
        let shielded: Boxed = Box::pin(async {
            shield(sleep(ms(8))).await;
            pending().await
        });
        let beside: Boxed = Box::pin(pending());
        let wakes: Boxed = Box::pin(async {
            if catch_cancel(pending::<()>()).await.is_err() {
                sleep(ms(3)).await;
            }
        });
        let around = async {
            let _ = gather(vec![shielded, beside, wakes]).await;
        };
        moved(around, || now() == 5).await;
    });
    assert_eq!(ended, Ok(8));
}

/// A foreign `join!` of which one has resumed a cancellation, and the other still cleans up, is forgotten by its task at
/// 3 ms, when the task is asked once more. How many cleanups began in what it goes on to, how many came to their end, and
/// when all had ended.
async fn forgets_a_join() -> (u32, u32, u64) {
    let (begun, ended) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let log = (begun.clone(), ended.clone());
    let mut task = create_task(async move {
        let mut quick: Boxed = Box::pin(catch_resumed(pending()));
        let mut slow: Boxed = Box::pin(async {
            if catch_cancel(pending::<()>()).await.is_err() {
                sleep(ms(100)).await;
            }
        });
        // Its cleanup is protected.
        let mut slow: Boxed = Box::pin(catch_resumed(async move { slow.as_mut().await }));
        poll_fn(|cx| {
            if now() == 3 {
                return Poll::Ready(());
            }
            let _ = quick.as_mut().poll(cx);
            slow.as_mut().poll(cx)
        })
        .await;
        std::mem::forget((quick, slow));
        let (begun, ended) = log;
        let cleaning = async {
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                sleep(ms(1)).await;
                cancelled.resume().await;
            }
        };
        if let Err(cancelled) = catch_cancel(cleaning).await {
            begun.set(begun.get() + 1);
            // In a scope of its own.
            let _ = catch_cancel(sleep(ms(1))).await;
            ended.set(ended.get() + 1);
            cancelled.resume().await;
        }
    });
    sleep(ms(2)).await;
    task.cancel();
    sleep(ms(1)).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    (begun.get(), ended.get(), now())
}

#[test]
fn what_a_forgotten_join_resumed_cuts_no_cleanup_of_a_request_that_comes_as_it_is_forgotten() {
    assert_eq!(run(forgets_a_join()), Ok((0, 0, 3)));
}
