//! What is said with a request, where random programs found it lost.
#![cfg(feature = "alloc")]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::future::{Future, pending};

use crate::sets::try_gather_as;

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A task that ends cancelled with this message.
async fn gone(message: &'static str) -> Task<()> {
    let task = create_task(pending());
    task.cancel_with(message);
    yield_now().await;
    assert!(task.cancelled());
    task
}

async fn resumed<T>(result: Result<T, CancelledError>) -> T {
    match result {
        Ok(value) => value,
        Err(cancelled) => match cancelled.resume().await {},
    }
}

#[test]
fn a_race_that_is_cancelled_goes_on_with_the_message() {
    for set in 0..3 {
        let message = run(async {
            let task = create_task(async move {
                let race = async {
                    match set {
                        0 => drop(select((pending::<()>(), sleep(ms(9)))).await),
                        1 => drop(select([sleep(ms(9)), sleep(ms(8))]).await),
                        _ => drop(select(vec![sleep(ms(9)), sleep(ms(8))]).await),
                    }
                };
                catch_cancel(race).await.unwrap_err().message()
            });
            sleep(ms(1)).await;
            task.cancel_with("enough");
            task.await.unwrap()
        });
        assert_eq!(message, Some("enough"), "set {set}");
    }
}

#[test]
fn of_several_cancellations_in_a_gather_the_first_goes_on() {
    for set in 0..3 {
        let message = run(async {
            let (one, two) = (gone("one").await, gone("two").await);
            let parts = [one, two].map(|task| async {
                resumed(task.await).await;
                Ok::<_, ()>(())
            });
            catch_cancel(try_gather_as(set, parts)).await.unwrap_err().message()
        });
        assert_eq!(message, Some("one"), "set {set}");
    }
}

#[test]
fn what_a_task_ended_with_stays_when_its_cancellations_are_taken_back() {
    let message = run(async {
        let task = gone("enough").await;
        assert_eq!(task.uncancel(), 0);
        task.await.unwrap_err().message()
    });
    assert_eq!(message, Some("enough"));
}

#[test]
fn a_loser_is_not_told_what_was_said_with_a_request_before() {
    let message = run(async {
        let task = create_task(async {
            let _ = catch_cancel(pending::<()>()).await;
            let loser = async { catch_cancel(pending::<()>()).await.unwrap_err().message() };
            select((sleep(ms(1)), loser)).await.1.unwrap()
        });
        sleep(ms(1)).await;
        task.cancel_with("enough");
        task.await.unwrap()
    });
    assert_eq!(message, None);
}

#[test]
fn who_awaits_a_task_is_told_what_it_ended_with_and_not_what_was_asked_first() {
    let message = run(async {
        let inner = create_task(async {
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                sleep(ms(10)).await;
                cancelled.resume().await;
            }
        });
        let inner_id = inner.id();
        let outer =
            create_task(async move { catch_cancel(inner.into_future()).await.unwrap_err().message() });
        sleep(ms(1)).await;
        outer.cancel_with("enough");
        sleep(ms(1)).await;
        all_tasks().find(|task| task.id() == inner_id).unwrap().cancel_with("too late");
        outer.await.unwrap()
    });
    assert_eq!(message, Some("too late"));
}
