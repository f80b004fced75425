//! Requests to cancel that reach a task twice: round a ring of awaits, or by two ways.
#![cfg(feature = "alloc")]

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use crate::sets::try_gather_as;

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

/// A platform that panics after many parks: a livelock shows as a failure.
struct Limited {
    inner: VirtualTime,
    left: Cell<u32>,
}

impl Platform for Limited {
    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn park(&self, wait: Wait) {
        self.left.set(self.left.get() - 1);
        assert!(self.left.get() > 0, "livelock: parks without end at {:?}", self.now());
        self.inner.park(wait);
    }
}

fn run<F: Future>(main: F) -> F::Output {
    let platform = Limited { inner: VirtualTime::new(), left: Cell::new(1_000) };
    OwnedLoop::new(UNPARKER).run(&platform, &[], main).unwrap()
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The ways in which one task waits for another here.
fn await_by(way: usize, other: Task<()>) -> Boxed {
    Box::pin(async move {
        match way {
            0 => {
                let _ = other.await;
            }
            1 => {
                let _ = gather((other.into_future(), pending::<()>())).await;
            }
            2 => {
                let _ = wait_for(other, ms(1_000_000)).await;
            }
            3 => {
                let _ = shield(other.into_future()).await;
            }
            4 => {
                let _ = select((other.into_future(), pending::<()>())).await;
            }
            _ => {
                let ended = task_group(Fixed::<1>, async |group| {
                    drop(group.create_task(async { other.await.map_err(|_| ()) }));
                    Ok(())
                });
                drop(ended.await);
            }
        }
    })
}

#[test]
fn a_request_that_goes_round_between_two_that_await_each_other_comes_to_rest() {
    // Miri, which takes seconds for each, still sees all six in both places.
    let each = if cfg!(miri) { 5 } else { 1 };
    for ways in (0..36).step_by(each).map(|n| [n / 6, n % 6]) {
        let asked = run(async {
            let given_up = Rc::new(Cell::new(false));
            let handles = [Rc::new(Cell::new(None::<Task<()>>)), Rc::default()];
            let ids = [0, 1].map(|n| {
                let (given_up, other) = (given_up.clone(), handles[1 - n].clone());
                let mut inner = None;
                let task = create_task(poll_fn(move |cx| {
                    if given_up.get() {
                        inner = None;
                        return Poll::Ready(());
                    }
                    inner.get_or_insert_with(|| await_by(ways[n], other.take().unwrap())).as_mut().poll(cx)
                }));
                let id = task.id();
                handles[n].set(Some(task));
                id
            });
            let find = |id| all_tasks().find(|task| task.id() == id).unwrap();
            sleep(ms(1)).await;
            assert!(find(ids[0]).cancel());
            // Who is ready again and again keeps virtual time where it is, so that this would never end.
            sleep(ms(1)).await;
            let asked = ids.map(|id| find(id).cancelling());
            // Nothing else would end the two.
            given_up.set(true);
            for id in ids {
                find(id).cancel();
            }
            asked
        });
        // A shield keeps the request from the task that is awaited in it.
        let reaches_the_other = ways[0] != 3;
        assert_eq!(asked, [1, usize::from(reaches_the_other)], "{ways:?}");
    }
}

/// Cleans up for ten milliseconds, and says so, unless that is cut by a second request.
async fn cleans_up(done: Rc<Cell<u32>>) {
    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
        sleep(ms(10)).await;
        done.set(done.get() + 1);
        cancelled.resume().await;
    }
}

#[test]
fn two_requests_of_one_moment_are_one() {
    run(async {
        let done = Rc::new(Cell::new(0));
        let inner = create_task(cleans_up(done.clone()));
        let inner_id = inner.id();
        let outer = create_task(async move {
            let _ = inner.await;
        });
        sleep(ms(1)).await;
        let inner = all_tasks().find(|task| task.id() == inner_id).unwrap();
        // In asyncio the first reaches the inner task at once, so that there, too, it has one to deliver.
        outer.cancel();
        inner.cancel();
        assert!(outer.await.is_err());
        assert_eq!(done.get(), 1, "the cleanup was cut");
    });
}

#[test]
fn requests_of_two_moments_are_two() {
    run(async {
        let done = Rc::new(Cell::new(0));
        let inner = create_task(cleans_up(done.clone()));
        let outer = create_task(async move {
            let _ = inner.await;
        });
        sleep(ms(1)).await;
        outer.cancel();
        sleep(ms(1)).await;
        outer.cancel();
        assert!(outer.await.is_err());
        assert_eq!(done.get(), 0, "the second was lost");
    });
}

#[test]
fn a_request_that_was_taken_back_is_not_in_the_way_of_another_of_that_moment() {
    let end = run(async {
        let (begin, handle) = (Rc::new(<Event>::new()), Rc::new(Cell::new(None::<Task<()>>)));
        let (begins, awaited) = (begin.clone(), handle.clone());
        let outer = create_task(async move {
            shield(begins.wait()).await;
            let _ = awaited.take().unwrap().await;
        });
        let inner = create_task(sleep(ms(1_000)));
        sleep(ms(1)).await;
        inner.cancel();
        inner.uncancel();
        handle.set(Some(inner));
        begin.set();
        outer.cancel();
        assert!(outer.await.is_err());
        Instant::now()
    });
    assert_eq!(end, Instant::from_ticks(0) + ms(1));
}

/// It swallows one request and goes on.
async fn stubborn() {
    let _ = catch_cancel(pending::<()>()).await;
    sleep(ms(1_000)).await;
}

#[test]
fn who_gives_up_a_task_asks_it_though_both_have_swallowed_a_request_before() {
    for way in 0..2 {
        let end = run(async {
            let inner = create_task(stubborn());
            let inner_id = inner.id();
            let outer = create_task(async move {
                let _ = catch_cancel(pending::<()>()).await;
                if way == 0 {
                    let _ = select((inner.into_future(), sleep(ms(5)))).await;
                } else {
                    let _ = wait_for(inner, ms(5)).await;
                }
            });
            sleep(ms(1)).await;
            outer.cancel();
            all_tasks().find(|task| task.id() == inner_id).unwrap().cancel();
            assert!(outer.await.is_ok());
            Instant::now()
        });
        assert_eq!(end, Instant::from_ticks(0) + ms(6), "{way}");
    }
}

#[test]
fn a_request_reaches_all_that_are_gathered_whatever_one_of_them_was_asked_at_that_moment() {
    for (set, first) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)] {
        let ends = run(async {
            let tasks = [0, 1].map(|_| create_task(sleep(ms(1_000))));
            let [kept, gone] = [tasks[0].id(), tasks[1].id()];
            let outer = create_task(async move {
                let parts = tasks.map(|task| async { task.await.map_err(drop) });
                try_gather_as(set, parts).await;
            });
            sleep(ms(1)).await;
            let find = |id| all_tasks().find(|task| task.id() == id);
            if first == 0 {
                find(gone).unwrap().cancel();
                outer.cancel();
            } else {
                outer.cancel();
                find(gone).unwrap().cancel();
            }
            assert!(outer.await.is_err());
            [kept, gone].map(|id| find(id).is_none())
        });
        assert_eq!(ends, [true, true], "set {set}, {first}");
    }
}
