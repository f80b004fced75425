use core::cell::Cell;
use core::future::{pending, poll_fn, ready};
use core::pin::{Pin, pin};
use core::task::Poll;

use everloop_core::{
    CancelledError, Duration, Fixed, Instant, Queue, Shared, catch_cancel, create_task, gather, select,
    select_fair, sleep, yield_now,
};

use crate::trace::{OnDrop, Trace};

pub const TICK: Duration = Duration::from_millis(1);

pub async fn after(ticks: u32, value: u32) -> u32 {
    sleep(TICK * ticks).await;
    value
}

/// Waits for ever; asked to end, takes so long to clean up, writes `n` down, and goes on unwinding.
pub async fn careful(log: &'static Trace, ticks: u32, n: u32) -> u32 {
    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
        sleep(TICK * ticks).await;
        log.push(n);
        cancelled.resume().await;
    }
    99
}

/// Waits for ever; asked to end, gives a value after so long.
pub async fn stubborn(ticks: u32, value: u32) -> u32 {
    let _ = catch_cancel(pending::<()>()).await;
    after(ticks, value).await
}

/// A cancellation to resume.
async fn cancellation() -> CancelledError {
    let task = create_task(pending::<()>());
    task.cancel();
    task.await.unwrap_err()
}

async fn ends_cancelled(cancelled: CancelledError) -> u32 {
    yield_now().await;
    cancelled.resume().await;
    99
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

pub async fn the_first_to_be_ready_ends_it() {
    let start = Instant::now();
    assert_eq!(select((after(3, 1), after(1, 2), after(2, 3))).await, (None, Some(2), None));
    assert_eq!(select([after(2, 1), after(1, 2)]).await, [None, Some(2)]);
    assert_eq!(select_fair((after(1, 1), after(2, 2))).await, (Some(1), None));
    assert_eq!(start.elapsed(), TICK * 3);
    assert_eq!(select((ready(1), ready("a"), ready(2))).await, (Some(1), None, None));
}

pub async fn one_to_eight_can_be_selected_from() {
    let never = pending::<u8>;
    assert_eq!(select((ready(1),)).await, (Some(1),));
    assert_eq!(select_fair([ready(1)]).await, [Some(1)]);
    let all = (never(), never(), never(), never(), never(), never(), never(), ready(8));
    assert_eq!(select(all).await, (None, None, None, None, None, None, None, Some(8)));
}

pub async fn losers_are_dropped_in_the_same_poll() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let loser = |n| async move {
        let _guard = OnDrop(&LOG, n);
        pending::<()>().await;
    };
    let mut race = pin!(select((loser(1), yield_now(), loser(2))));
    assert!(poll_once(race.as_mut()).await.is_pending());
    yield_now().await;
    assert_eq!(poll_once(race).await, Poll::Ready((None, Some(()), None)));
    LOG.expect(&[1, 2]);
}

pub async fn a_loser_that_never_started_never_runs() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let starts = async { LOG.push(1) };
    assert_eq!(select((ready(1), starts)).await, (Some(1), None));
    LOG.expect(&[]);
}

pub async fn biased_polls_in_the_order_of_the_arguments() {
    for _ in 0..10 {
        assert_eq!(select([ready(1), ready(2), ready(3)]).await, [Some(1), None, None]);
        // Also where all of them had to wait.
        assert_eq!(select((yield_now(), yield_now())).await, (Some(()), None));
    }
}

pub async fn fair_begins_one_further_with_each_poll() {
    let (order, polls) = (Cell::new([0; 18]), Cell::new(0));
    let polled = |n| {
        let (order, polls) = (&order, &polls);
        poll_fn(move |_| {
            let mut all = order.get();
            all[polls.get()] = n;
            order.set(all);
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        })
    };
    let mut race = pin!(select_fair((polled(0), polled(1), polled(2))));
    for _ in 0..6 {
        assert!(poll_once(race.as_mut()).await.is_pending());
    }
    let order = order.get();
    for at in 0..18 {
        assert_eq!(order[at], (order[0] + at / 3 + at % 3) % 3, "{order:?}");
    }
}

pub async fn fair_starves_none_of_those_always_ready() {
    // Two loops that take turns: what one draws must not make the other's choice the same each time.
    async fn wins() -> [u32; 2] {
        let mut wins = [0, 0];
        for _ in 0..64 {
            let (a, b) = select_fair((ready(()), ready(()))).await;
            wins[0] += u32::from(a.is_some());
            wins[1] += u32::from(b.is_some());
            yield_now().await;
        }
        wins
    }
    let (one, two) = gather((wins(), wins())).await;
    for [a, b] in [one.unwrap(), two.unwrap()] {
        assert_eq!(a + b, 64);
        assert!(a >= 8 && b >= 8, "{a} to {b}");
    }
}

pub async fn cleanup_of_the_losers_runs_to_its_end() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let race = select((careful(&LOG, 5, 1), after(2, 7), careful(&LOG, 3, 2)));
    assert_eq!(race.await, (None, Some(7), None));
    assert_eq!(start.elapsed(), TICK * 7);
    LOG.expect(&[2, 1]);
}

pub async fn losers_are_asked_once() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    // Polled often while it cleans up, and the other way round.
    let restless = async {
        let _ = catch_cancel(pending::<()>()).await;
        for n in 0..4 {
            sleep(TICK).await;
            LOG.push(n);
        }
    };
    assert_eq!(select((restless, after(1, 7), careful(&LOG, 2, 9))).await, (Some(()), Some(7), None));
    LOG.expect(&[0, 1, 9, 2, 3]);
}

pub async fn a_loser_that_swallows_keeps_its_value() {
    let start = Instant::now();
    assert_eq!(select((stubborn(3, 1), after(1, 2), pending::<u32>())).await, (Some(1), Some(2), None));
    assert_eq!(start.elapsed(), TICK * 4);
    // Without waiting once more, too.
    let at_once = async {
        let _ = catch_cancel(pending::<()>()).await;
        4
    };
    let mut race = pin!(select((at_once, yield_now())));
    assert!(poll_once(race.as_mut()).await.is_pending());
    yield_now().await;
    assert_eq!(poll_once(race).await, Poll::Ready((Some(4), Some(()))));
}

pub async fn two_gets_lose_no_item() {
    let (one, two) = (Queue::<u32, Fixed<4>>::new(), Queue::<u32, Fixed<4>>::new());
    for fair in [false, true] {
        // Both are promised an item while they wait; only one takes its.
        let fill = async {
            sleep(TICK).await;
            one.put_nowait(1).unwrap();
            two.put_nowait(2).unwrap();
        };
        let race = async {
            if fair {
                select_fair((one.get(), two.get())).await
            } else {
                select((one.get(), two.get())).await
            }
        };
        let (_, got) = gather((fill, race)).await;
        let got = match got.unwrap() {
            (Some(Ok(1)), None) => 1,
            (None, Some(Ok(2))) if fair => 2,
            other => panic!("{other:?}"),
        };
        assert_eq!((one.qsize(), two.qsize()), if got == 1 { (0, 1) } else { (1, 0) });
        // What is left is there for the next one at once.
        let left = if got == 1 { &two } else { &one };
        assert_eq!(left.get_nowait(), Ok(3 - got));
    }
}

pub async fn a_claim_goes_on_to_the_next_getter() {
    static LOG: Trace = Trace::new();
    static ONE: Queue<u32, Fixed<4>, Shared> = Queue::new();
    static TWO: Queue<u32, Fixed<4>, Shared> = Queue::new();
    LOG.clear();
    let race = create_task(async { select((ONE.get(), TWO.get())).await });
    yield_now().await;
    // Comes after the race, and gets what the race was promised and did not take.
    let next = create_task(async { LOG.push(TWO.get().await.unwrap()) });
    yield_now().await;
    ONE.put_nowait(1).unwrap();
    TWO.put_nowait(2).unwrap();
    assert_eq!(race.await, Ok((Some(Ok(1)), None)));
    next.await.unwrap();
    LOG.expect(&[2]);
}

pub async fn given_by_reference_it_is_only_let_go_of() {
    let mut work = pin!(after(5, 1));
    let start = Instant::now();
    for _ in 0..2 {
        assert_eq!(select((work.as_mut(), after(2, 2))).await, (None, Some(2)));
    }
    assert_eq!(select((after(2, 2), &mut work)).await, (None, Some(1)));
    assert_eq!(start.elapsed(), TICK * 5);
}

pub async fn a_scope_in_what_is_given_by_reference_is_asked() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut work = pin!(async {
        careful(&LOG, 2, 1).await;
        LOG.push(99);
    });
    let start = Instant::now();
    assert_eq!(select((&mut work, after(1, 2))).await, (None, Some(2)));
    assert_eq!(start.elapsed(), TICK * 3);
    LOG.expect(&[1]);
}

pub async fn a_task_that_loses_is_cancelled_and_waited_for() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(careful(&LOG, 3, 1));
    let start = Instant::now();
    assert_eq!(select((&mut task, after(2, 2))).await, (None, Some(2)));
    assert_eq!(start.elapsed(), TICK * 5);
    assert!(task.cancelled());
    LOG.expect(&[1]);
}

pub async fn dropping_it_drops_its_futures() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let children = [1, 2, 3].map(|n| async move {
        let _guard = OnDrop(&LOG, n);
        pending::<()>().await;
    });
    let mut race = pin!(Some(select(children)));
    assert!(poll_once(race.as_mut().as_pin_mut().unwrap()).await.is_pending());
    race.set(None);
    LOG.expect(&[1, 2, 3]);
}

pub async fn dropping_it_while_losers_clean_up_is_immediate() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut race = pin!(Some(select((careful(&LOG, 5, 1), after(1, 2)))));
    assert!(poll_once(race.as_mut().as_pin_mut().unwrap()).await.is_pending());
    sleep(TICK * 2).await;
    assert!(poll_once(race.as_mut().as_pin_mut().unwrap()).await.is_pending());
    race.set(None);
    sleep(TICK * 9).await;
    LOG.expect(&[]);
}

pub async fn ends_of_their_own_give_nothing() {
    let cancelled = cancellation().await;
    // The others go on.
    let start = Instant::now();
    assert_eq!(select((ends_cancelled(cancelled), after(3, 2))).await, (None, Some(2)));
    assert_eq!(start.elapsed(), TICK * 3);
    // None is left: it goes on outwards.
    let both = [ends_cancelled(cancelled), ends_cancelled(cancelled)];
    assert!(catch_cancel(select(both)).await.is_err());
    assert!(catch_cancel(select_fair((ends_cancelled(cancelled),))).await.is_err());
}

pub async fn gathers_and_races_nest() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let race = select((gather((careful(&LOG, 1, 1), careful(&LOG, 2, 2))), after(1, 3)));
    let (race, value) = gather((race, after(2, 4))).await;
    let (loser, winner) = race.unwrap();
    assert!(loser.is_none());
    assert_eq!((winner, value), (Some(3), Ok(4)));
    LOG.expect(&[1, 2]);
}
