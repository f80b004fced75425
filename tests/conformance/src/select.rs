use core::cell::Cell;
use core::future::{pending, poll_fn, ready};
use core::pin::{Pin, pin};
use core::task::Poll;

use everloop_core::{
    CancelledError, Duration, Fixed, Instant, Queue, Shared, catch_cancel, create_task, gather, select,
    select_fair, shield, sleep, wait_for, yield_now,
};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

async fn after(ticks: u32, value: u32) -> u32 {
    sleep(TICK * ticks).await;
    value
}

/// Waits for ever; asked to end, takes so long to clean up, writes `n` down, and goes on unwinding.
async fn careful(log: &'static Trace, ticks: u32, n: u32) -> u32 {
    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
        sleep(TICK * ticks).await;
        log.push(n);
        cancelled.resume().await;
    }
    99
}

/// Waits for ever; asked to end, gives a value after so long.
async fn stubborn(ticks: u32, value: u32) -> u32 {
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

pub async fn cancelling_reaches_every_branch_and_waits() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let _ = select((careful(&LOG, 9, 1), careful(&LOG, 3, 2), pending::<()>())).await;
        LOG.push(98);
    });
    sleep(TICK).await;
    task.cancel();
    let start = Instant::now();
    assert!((&mut task).await.is_err());
    assert_eq!(start.elapsed(), TICK * 9);
    LOG.expect(&[2, 1]);
}

pub async fn cancelled_it_surfaces_even_if_all_swallow() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let logs = |ticks, n| async move { LOG.push(stubborn(ticks, n).await) };
        let _ = select((logs(5, 2), logs(3, 1))).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    // The first to give its value had no other cut.
    LOG.expect(&[1, 2]);
}

pub async fn cancelling_while_losers_clean_up_cuts_them() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let tough = async {
            let _ = catch_cancel(pending::<()>()).await;
            let _ = catch_cancel(careful(&LOG, 3, 2)).await;
            LOG.push(3);
        };
        let _ = select((careful(&LOG, 9, 97), tough, after(1, 1))).await;
        LOG.push(98);
    });
    sleep(TICK * 2).await;
    task.cancel();
    let start = Instant::now();
    assert!((&mut task).await.is_err());
    // A cleanup with a scope of its own goes on, and is waited for.
    assert_eq!(start.elapsed(), TICK * 3);
    LOG.expect(&[2, 3]);
}

pub async fn nested_races_clean_up_from_the_inside() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let inner = select((careful(&LOG, 1, 1), careful(&LOG, 2, 2)));
    assert_eq!(select((inner, careful(&LOG, 3, 3), after(1, 7))).await, (None, None, Some(7)));
    assert_eq!(start.elapsed(), TICK * 4);
    // The inner one wins, and then its own loser is done already.
    let inner = select((after(1, 1), careful(&LOG, 2, 4)));
    assert_eq!(select((inner, careful(&LOG, 1, 5))).await, (Some((Some(1), None)), None));
    LOG.expect(&[1, 2, 3, 4, 5]);
}

pub async fn a_request_to_nested_races_surfaces_once() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    // Not in a task, which it would be too large for.
    let outer = async {
        let inner = select((careful(&LOG, 1, 1), careful(&LOG, 2, 2)));
        if let Err(cancelled) = catch_cancel(select((inner, careful(&LOG, 3, 3)))).await {
            sleep(TICK).await;
            LOG.push(4);
            cancelled.resume().await;
        }
        LOG.push(99);
    };
    assert!(wait_for(outer, TICK).await.is_err());
    LOG.expect(&[1, 2, 3, 4]);
}

pub async fn a_timeout_around_it_reaches_all() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let race = select((careful(&LOG, 4, 1), careful(&LOG, 8, 2)));
    assert!(wait_for(race, TICK * 10).await.is_err());
    assert_eq!(start.elapsed(), TICK * 18);
    LOG.expect(&[1, 2]);
}

pub async fn a_timeout_inside_it_is_a_value() {
    let start = Instant::now();
    let (timed_out, value) = select((wait_for(pending::<()>(), TICK * 2), after(5, 1))).await;
    assert!(matches!(timed_out, Some(Err(_))) && value.is_none());
    assert_eq!(start.elapsed(), TICK * 2);
    // As a loser it was cancelled, and did not time out.
    let (timed_out, value) = select((wait_for(pending::<()>(), TICK * 5), after(2, 1))).await;
    assert!(timed_out.is_none() && value == Some(1));
}

pub async fn a_timeout_that_passes_during_the_cleanup_cuts_it() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    assert!(wait_for(select((careful(&LOG, 9, 97), after(3, 1))), TICK * 5).await.is_err());
    assert_eq!(start.elapsed(), TICK * 5);
    LOG.expect(&[]);
}

pub async fn a_race_won_as_the_deadline_passes_wins() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    // With losers that are gone at once, and with one that cleans up.
    assert_eq!(wait_for(select((after(9, 1), after(5, 2))), TICK * 5).await, Ok((None, Some(2))));
    assert_eq!(wait_for(select((careful(&LOG, 3, 1), after(5, 2))), TICK * 5).await, Ok((None, Some(2))));
    assert_eq!(start.elapsed(), TICK * 13);
    LOG.expect(&[1]);
    // The request is not forgotten for that.
    let goes_on = async {
        select((careful(&LOG, 3, 2), after(5, 3))).await;
        let _guard = OnDrop(&LOG, 3);
        after(50, 4).await
    };
    assert!(wait_for(goes_on, TICK * 5).await.is_err());
    assert_eq!(start.elapsed(), TICK * 21);
    LOG.expect(&[1, 2, 3]);
    // And the next one cuts the cleanup.
    let inner = wait_for(select((careful(&LOG, 9, 97), after(5, 2))), TICK * 5);
    assert!(wait_for(inner, TICK * 7).await.is_err());
    assert_eq!(start.elapsed(), TICK * 28);
    LOG.expect(&[1, 2, 3]);
}

pub async fn a_shielded_loser_runs_to_its_end() {
    let start = Instant::now();
    assert_eq!(select((shield(after(5, 1)), after(2, 2))).await, (Some(1), Some(2)));
    assert_eq!(start.elapsed(), TICK * 5);
    // The request is delivered at the next await after it.
    let goes_on = async { shield(after(5, 1)).await + after(50, 1).await };
    assert_eq!(select((goes_on, after(2, 2))).await, (None, Some(2)));
    assert_eq!(start.elapsed(), TICK * 10);
}

pub async fn a_shielded_loser_holds_a_request_from_outside() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let shielded = async { LOG.push(shield(after(9, 2)).await) };
        let _ = select((shielded, careful(&LOG, 4, 1), after(1, 3))).await;
        LOG.push(3);
        let _guard = OnDrop(&LOG, 4);
        sleep(TICK).await;
        LOG.push(99);
    });
    // Before one has won: the second takes the request.
    yield_now().await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
    // All are shielded: none takes it, and what they give comes back first.
    LOG.clear();
    let mut task = create_task(async {
        let both = select((shield(after(9, 2)), shield(after(3, 1)))).await;
        assert_eq!(both, (Some(2), Some(1)));
        LOG.push(5);
        let _guard = OnDrop(&LOG, 6);
        sleep(TICK).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    task.cancel();
    assert!((&mut task).await.is_err());
    LOG.expect(&[5, 6]);
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
