use core::cell::Cell;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    Duration, Instant, Interval, MissedTicks, create_task, interval, interval_at, sleep, sleep_until,
    wait_for, yield_now,
};
use futures_core::Stream;

use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

/// Takes `N` ticks: when each was due, and when it was given, in milliseconds since `start`.
async fn ticks<const N: usize>(interval: &mut Interval, start: Instant) -> [(u64, u64); N] {
    let mut all = [(0, 0); N];
    for one in &mut all {
        let due = interval.tick().await;
        *one = ((due - start).as_millis(), start.elapsed().as_millis());
    }
    all
}

pub async fn the_first_tick_comes_at_once() {
    let mut every = interval(TICK * 10);
    // It counts from the first tick, not from when it was made.
    sleep(TICK * 7).await;
    let start = Instant::now();
    assert_eq!(ticks(&mut every, start).await, [(0, 0), (10, 10), (20, 20)]);
    assert_eq!(every.period(), TICK * 10);
}

pub async fn the_first_tick_comes_at_its_start() {
    let start = Instant::now();
    let mut every = interval_at(start + TICK * 5, TICK * 10);
    assert_eq!(ticks(&mut every, start).await, [(5, 5), (15, 15), (25, 25)]);
}

pub async fn what_is_done_between_ticks_adds_no_drift() {
    let start = Instant::now();
    let mut every = interval(TICK * 10);
    for n in 0..20_u32 {
        assert_eq!(every.tick().await, start + TICK * 10 * n);
        assert_eq!(start.elapsed(), TICK * 10 * n);
        sleep(TICK * (n % 10)).await;
    }
}

pub async fn a_burst_gives_all_missed_ticks() {
    let start = Instant::now();
    let mut every = interval(TICK * 10);
    assert_eq!(every.missed_ticks(), MissedTicks::Burst);
    every.tick().await;
    sleep(TICK * 35).await;
    assert_eq!(ticks(&mut every, start).await, [(10, 35), (20, 35), (30, 35), (40, 40), (50, 50)]);
}

pub async fn missed_ticks_are_skipped() {
    let start = Instant::now();
    let mut every = interval(TICK * 10);
    every.set_missed_ticks(MissedTicks::Skip);
    assert_eq!(every.missed_ticks(), MissedTicks::Skip);
    every.tick().await;
    sleep(TICK * 35).await;
    assert_eq!(ticks(&mut every, start).await, [(10, 35), (40, 40), (50, 50)]);
    // One that is due right now is not missed, and being a little late misses none.
    sleep(TICK * 20).await;
    assert_eq!(ticks(&mut every, start).await, [(60, 70), (70, 70)]);
    sleep(TICK * 15).await;
    assert_eq!(ticks(&mut every, start).await, [(80, 85), (90, 90)]);
    sleep(TICK * 40).await;
    assert_eq!(ticks(&mut every, start).await, [(100, 130), (130, 130), (140, 140)]);
}

pub async fn missed_ticks_delay_the_next() {
    let start = Instant::now();
    let mut every = interval(TICK * 10);
    every.set_missed_ticks(MissedTicks::Delay);
    every.tick().await;
    sleep(TICK * 35).await;
    assert_eq!(ticks(&mut every, start).await, [(10, 35), (45, 45), (55, 55)]);
    // One that is due right now is not missed, and being a little late misses none.
    sleep(TICK * 20).await;
    assert_eq!(ticks(&mut every, start).await, [(65, 75), (75, 75)]);
    sleep(TICK * 15).await;
    assert_eq!(ticks(&mut every, start).await, [(85, 90), (95, 95)]);
}

pub async fn a_start_in_the_past_is_missed_ticks() {
    sleep(TICK * 100).await;
    let start = Instant::now() - TICK * 25;
    let mut all = interval_at(start, TICK * 10);
    assert_eq!(ticks(&mut all, start).await, [(0, 25), (10, 25), (20, 25), (30, 30)]);
    let mut few = interval_at(start, TICK * 10);
    few.set_missed_ticks(MissedTicks::Skip);
    assert_eq!(ticks(&mut few, start).await, [(0, 30), (30, 30), (40, 40)]);
}

pub async fn a_dropped_tick_is_given_by_the_next_call() {
    let start = Instant::now();
    let mut every = interval(TICK * 10);
    // The first tick, dropped while it lets others run.
    {
        let mut tick = pin!(every.tick());
        poll_fn(|cx| {
            assert!(tick.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    sleep(TICK * 3).await;
    assert_eq!(every.tick().await, start);
    for _ in 0..3 {
        assert!(wait_for(every.tick(), TICK * 2).await.is_err());
    }
    assert_eq!(ticks(&mut every, start).await, [(10, 10), (20, 20)]);
    // One that has come already while nobody waited.
    assert!(wait_for(every.tick(), TICK).await.is_err());
    sleep(TICK * 12).await;
    assert_eq!(ticks(&mut every, start).await, [(30, 33), (40, 40)]);
}

pub async fn reset_counts_from_now() {
    let start = Instant::now();
    let mut every = interval(TICK * 10);
    every.tick().await;
    sleep(TICK * 25).await;
    every.reset();
    assert_eq!(ticks(&mut every, start).await, [(35, 35), (45, 45)]);
    // Before the first tick it puts that off.
    let mut every = interval(TICK * 10);
    every.reset();
    assert_eq!(ticks(&mut every, start).await, [(55, 55), (65, 65)]);
}

pub async fn one_who_is_late_starves_nobody() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut every = interval(TICK);
    every.tick().await;
    sleep(TICK * 10).await;
    let other = create_task(async {
        for _ in 0..3 {
            LOG.push(2);
            yield_now().await;
        }
    });
    for _ in 0..3 {
        every.tick().await;
        LOG.push(1);
    }
    LOG.expect(&[2, 1, 2, 1, 2, 1]);
    other.await.unwrap();
}

pub async fn at_the_end_of_time_it_waits() {
    // The longest period: the second tick is never.
    let mut never = interval(Duration::MAX);
    never.tick().await;
    assert!(wait_for(never.tick(), TICK * 100).await.is_err());
    // The clock itself goes to the last ticks there are.
    let tick = Duration::from_ticks(2);
    let start = Instant::FAR_FUTURE - Duration::from_ticks(5);
    for (missed, expected) in [(MissedTicks::Burst, 3), (MissedTicks::Skip, 2), (MissedTicks::Delay, 1)] {
        let mut last = interval_at(start, tick);
        last.set_missed_ticks(missed);
        let given = Cell::new(0);
        let mut polls = 0;
        let all = async {
            loop {
                last.tick().await;
                given.set(given.get() + 1);
            }
        };
        let mut all = pin!(all);
        let mut end = pin!(sleep_until(Instant::FAR_FUTURE - Duration::from_ticks(1)));
        poll_fn(|cx| {
            polls += 1;
            assert!(polls < 30, "it spins");
            let _: Poll<()> = all.as_mut().poll(cx);
            end.as_mut().poll(cx)
        })
        .await;
        for _ in 0..3 {
            yield_now().await;
        }
        poll_fn(|cx| {
            polls += 1;
            let _: Poll<()> = all.as_mut().poll(cx);
            if polls < 20 {
                cx.waker().wake_by_ref();
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        assert_eq!(given.get(), expected);
    }
}

pub async fn ticks_come_as_a_stream_without_drift() {
    let start = Instant::now();
    let mut every = interval(TICK * 10);
    let mut ticks = pin!(every.ticks());
    for n in 0..5_u32 {
        assert_eq!(poll_fn(|cx| ticks.as_mut().poll_next(cx)).await, Some(start + TICK * 10 * n));
        assert_eq!(start.elapsed(), TICK * 10 * n);
        sleep(TICK * n).await;
    }
    assert_eq!(ticks.size_hint(), (usize::MAX, None));
}

pub async fn a_dropped_stream_of_ticks_loses_none() {
    let start = Instant::now();
    let mut every = interval_at(start + TICK, TICK * 10);
    assert!(wait_for(poll_fn(|cx| pin!(every.ticks()).poll_next(cx)), TICK / 2).await.is_err());
    let first = {
        let mut ticks = pin!(every.ticks());
        poll_fn(|cx| ticks.as_mut().poll_next(cx)).await
    };
    assert_eq!(first, Some(start + TICK));
    assert_eq!(every.tick().await, start + TICK * 11);
}
