//! `gather`, `try_gather` and `select` of a number of futures that is known at run time.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    CancelledError, Duration, Fixed, Instant, OwnedLoop, Queue, catch_cancel, create_task, gather, select,
    select_fair, sleep, try_gather, wait_for, yield_now,
};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

const TICK: Duration = Duration::from_millis(1);

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

async fn after(ticks: u32, value: u32) -> u32 {
    sleep(TICK * ticks).await;
    value
}

/// Waits for ever; asked to end, takes so long to clean up, says so, and goes on unwinding.
async fn careful(log: &RefCell<Vec<u32>>, ticks: u32) -> u32 {
    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
        sleep(TICK * ticks).await;
        log.borrow_mut().push(ticks);
        cancelled.resume().await;
    }
    99
}

async fn ends_cancelled() -> u32 {
    let task = create_task(pending::<()>());
    task.cancel();
    let cancelled: CancelledError = task.await.unwrap_err();
    cancelled.resume().await;
    99
}

/// Counts how often its inside is polled.
async fn counted<F: Future>(polls: &Cell<u32>, inner: F) -> F::Output {
    let mut inner = pin!(inner);
    poll_fn(|cx| {
        polls.set(polls.get() + 1);
        inner.as_mut().poll(cx)
    })
    .await
}

#[test]
fn results_keep_the_order_of_the_vec() {
    run(async {
        let start = Instant::now();
        let all: Vec<_> = (1..=5).map(|n| after(6 - n, n)).collect();
        assert_eq!(gather(all).await, [Ok(1), Ok(2), Ok(3), Ok(4), Ok(5)]);
        assert_eq!(start.elapsed(), TICK * 5);
        assert_eq!(gather(vec![ready(1)]).await, [Ok(1)]);
    });
}

#[test]
fn none_gives_empty() {
    run(async {
        assert_eq!(gather(Vec::<std::future::Ready<u8>>::new()).await, []);
        assert_eq!(try_gather(Vec::<std::future::Ready<Result<u8, u8>>>::new()).await, Ok(vec![]));
    });
}

#[test]
#[should_panic(expected = "select needs at least one future")]
fn a_race_of_none_is_refused() {
    run(async { select(Vec::<std::future::Ready<u8>>::new()).await });
}

#[test]
fn a_wake_of_one_polls_only_that_one() {
    const MANY: u32 = if cfg!(miri) { 20 } else { 1000 };
    run(async {
        let polls = Cell::new(0);
        let all: Vec<_> = (0..MANY).map(|n| counted(&polls, after(n + 1, n))).collect();
        assert!(gather(all).await.into_iter().map(Result::unwrap).eq(0..MANY));
        assert_eq!(polls.replace(0), 2 * MANY);

        let all = (0..MANY).map(|n| counted(&polls, async move { Ok::<_, ()>(after(MANY - n, n).await) }));
        assert!(try_gather(all.collect::<Vec<_>>()).await.unwrap().into_iter().eq(0..MANY));
        assert_eq!(polls.replace(0), 2 * MANY);

        // Each loser cleans up for a time of its own.
        let log = RefCell::new(Vec::new());
        let mut all: Vec<Pin<Box<dyn Future<Output = u32>>>> = Vec::new();
        for n in 0..MANY {
            all.push(Box::pin(counted(&polls, careful(&log, n + 1))));
        }
        all.push(Box::pin(after(1, 7)));
        let outcome = select(all).await;
        assert!(outcome.iter().eq([None; MANY as usize].iter().chain([&Some(7)])));
        // At first, to be asked, because it was asked, and when the cleanup is over.
        assert_eq!(polls.get(), 4 * MANY);
        assert!(log.into_inner().into_iter().eq(1..=MANY));
    });
}

#[test]
fn the_first_error_comes_at_once() {
    run(async {
        let start = Instant::now();
        let fails = |ticks, n| async move { Err::<u32, _>(after(ticks, n).await) };
        assert_eq!(try_gather(vec![fails(5, 1), fails(2, 2), fails(9, 3)]).await, Err(2));
        assert_eq!(start.elapsed(), TICK * 2);
        // Of several in one moment the first in order, as of an array.
        assert_eq!(try_gather(vec![fails(3, 1), fails(3, 2)]).await, Err(1));
    });
}

#[test]
fn an_own_cancellation_is_an_outcome_or_cancels_the_whole() {
    run(async {
        let children: Vec<Boxed<u32>> = vec![Box::pin(ends_cancelled()), Box::pin(after(3, 2))];
        let outcomes = gather(children).await;
        assert!(outcomes[0].is_err());
        assert_eq!(outcomes[1], Ok(2));
        let children: Vec<Boxed<Result<u32, ()>>> =
            vec![Box::pin(async { Ok(ends_cancelled().await) }), Box::pin(pending())];
        assert!(catch_cancel(try_gather(children)).await.is_err());
        // Nothing is left of a race.
        assert!(catch_cancel(select(vec![ends_cancelled(), ends_cancelled()])).await.is_err());
    });
}

/// Cancels what `make` makes after a tick: all cleanups run to their end, and then it surfaces.
fn cancelled_waits_for_all<F: Future<Output = ()> + 'static>(make: impl FnOnce(Rc<RefCell<Vec<u32>>>) -> F) {
    run(async {
        let log = Rc::new(RefCell::new(Vec::new()));
        let mut task = create_task(make(log.clone()));
        sleep(TICK).await;
        task.cancel();
        let start = Instant::now();
        assert!((&mut task).await.is_err());
        assert_eq!(start.elapsed(), TICK * 9);
        assert_eq!(*log.borrow(), [3, 6, 9]);
    });
}

#[test]
fn cancelling_reaches_every_child_and_waits() {
    cancelled_waits_for_all(|log| async move {
        let all: Vec<_> = [9, 3, 6].map(|ticks| careful(&log, ticks)).into();
        let _ = gather(all).await;
        log.borrow_mut().push(99);
    });
    cancelled_waits_for_all(|log| async move {
        let children = [9, 3, 6].map(|ticks| {
            let log = &log;
            async move { Ok::<_, ()>(careful(log, ticks).await) }
        });
        let _ = try_gather(Vec::from(children)).await;
        log.borrow_mut().push(99);
    });
    cancelled_waits_for_all(|log| async move {
        let _ = select(Vec::from([9, 3, 6].map(|ticks| careful(&log, ticks)))).await;
        log.borrow_mut().push(99);
    });
    // Through one inside the other: the request wakes each child by its own waker.
    cancelled_waits_for_all(|log| async move {
        let inner = |ticks| gather(vec![select_fair(vec![careful(&log, ticks)])]);
        let _ = gather(vec![inner(9), inner(3), inner(6)]).await;
        log.borrow_mut().push(99);
    });
}

#[test]
fn an_error_during_cancellation_cuts_no_cleanup() {
    cancelled_waits_for_all(|log| async move {
        let children = [9, 3, 6, 0].map(|ticks| {
            let log = &log;
            async move {
                if ticks > 0 {
                    return Ok(careful(log, ticks).await);
                }
                let _ = catch_cancel(pending::<()>()).await;
                Err(1)
            }
        });
        // The error comes first, and the cancellation at the next await.
        assert_eq!(try_gather(Vec::from(children)).await, Err(1));
        yield_now().await;
        log.borrow_mut().push(99);
    });
}

#[test]
fn a_timeout_around_it_waits_for_all_cleanups() {
    run(async {
        let log = RefCell::new(Vec::new());
        let start = Instant::now();
        let all: Vec<_> = [8, 4].map(|ticks| careful(&log, ticks)).into();
        assert!(wait_for(gather(all), TICK * 10).await.is_err());
        assert_eq!(start.elapsed(), TICK * 18);
        assert_eq!(log.into_inner(), [4, 8]);
    });
}

#[test]
fn a_race_keeps_what_losers_give() {
    run(async {
        let stubborn = |ticks, value| async move {
            let _ = catch_cancel(sleep(TICK * ticks)).await;
            after(3, value).await
        };
        let start = Instant::now();
        let outcome = select(vec![stubborn(50, 1), stubborn(2, 2), stubborn(50, 3)]).await;
        assert_eq!(outcome, [Some(1), Some(2), Some(3)]);
        assert_eq!(start.elapsed(), TICK * 8);
    });
}

const ROUNDS: u32 = if cfg!(miri) { 4 } else { 200 };

#[test]
fn a_race_loses_no_item() {
    run(async {
        let queues: Vec<Queue<usize, Fixed<2>>> = (0..20).map(|_| Queue::new()).collect();
        let mut wins = [0; 20];
        for round in 0..ROUNDS {
            let race = async {
                let gets: Vec<_> = queues.iter().map(Queue::get).collect();
                if round < ROUNDS / 2 { select(gets).await } else { select_fair(gets).await }
            };
            let fill = async {
                yield_now().await;
                // The last queue first.
                for (n, queue) in queues.iter().enumerate().rev() {
                    queue.put_nowait(n).unwrap();
                }
            };
            let (got, _) = gather((race, fill)).await;
            let got: Vec<usize> = got.unwrap().into_iter().flatten().map(Result::unwrap).collect();
            assert_eq!(got.len(), 1);
            wins[got[0]] += 1;
            // In order of the arguments, or first woken first.
            assert_eq!(got[0], if round < ROUNDS / 2 { 0 } else { 19 });
            for (n, queue) in queues.iter().enumerate().filter(|(n, _)| *n != got[0]) {
                assert_eq!(queue.get_nowait(), Ok(n), "round {round}");
            }
        }
        assert_eq!(wins.iter().sum::<u32>(), ROUNDS);
    });
}

#[test]
#[cfg_attr(miri, ignore = "it is about what is drawn in many races")]
fn fair_begins_with_any_of_a_vec() {
    run(async {
        let mut wins = [0; 4];
        for _ in 0..200 {
            let outcome = select_fair((0..4).map(ready).collect::<Vec<_>>()).await;
            let mut winners = outcome.into_iter().flatten();
            wins[winners.next().unwrap()] += 1;
            assert_eq!(winners.next(), None);
        }
        assert!(wins.iter().all(|&wins| wins >= 20), "{wins:?}");
    });
}

#[test]
fn dropping_it_drops_the_children() {
    struct OnDrop(Rc<Cell<u32>>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    run(async {
        let dropped = Rc::new(Cell::new(0));
        let child = || {
            let guard = OnDrop(dropped.clone());
            async move {
                pending::<()>().await;
                drop(guard);
            }
        };
        let mut all = Box::pin(gather(vec![child(), child()]));
        poll_fn(|cx| {
            assert!(all.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(all);
        assert_eq!(dropped.get(), 2);
        // Never polled.
        drop(select(vec![child(), child(), child()]));
        assert_eq!(dropped.get(), 5);
    });
}
