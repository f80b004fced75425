//! The clock and its alarms, by what `embassy-time-driver` offers.

use super::flag::{Flag, set_limit, wait_until};
use super::{Outcome, Report};
use crate::ensure;
use critical_section::with as masked;
use embassy_time_driver::{TICK_HZ, now, schedule_wake};

const MILLISECOND: u64 = TICK_HZ / 1000;
/// A test that waits longer than this has lost an alarm.
const LIMIT: u64 = 5 * TICK_HZ;
/// How late the best of several alarms may be: what the driver and the emulator need on a host that has the time.
const LATE: u64 = 2 * MILLISECOND;
/// How often the host may have no time for us.
const TRIES: u32 = 100;
/// How late any alarm may be: the emulator shares its host with others and stands still at times.
const VERY_LATE: u64 = 1000 * MILLISECOND;

/// What the tests need of the board.
pub struct Board {
    /// How often the clock's counter has wrapped.
    pub wraps: fn() -> u32,
    /// Has the handler of the alarm's interrupt run.
    pub early_alarm: fn(),
    /// Has a function run by the handler of another interrupt.
    pub in_interrupt: fn(fn()),
}

/// Runs the tests of the clock.
pub fn run(report: &mut Report, board: &Board) {
    // The board's first wrap is soon after its start, so this test has to be the first.
    report.test("clock::goes_on_across_a_wrap", || goes_on_across_a_wrap(board));
    report.test("clock::is_monotonic", is_monotonic);
    report.test("clock::alarm_is_on_time", alarm_is_on_time);
    report.test("clock::alarm_in_the_past_fires_at_once", alarm_in_the_past_fires_at_once);
    report.test("clock::alarms_fire_in_any_order", alarms_fire_in_any_order);
    report.test("clock::too_many_alarms_fire_early", too_many_alarms_fire_early);
    report.test("clock::early_wake_is_harmless", || early_wake_is_harmless(board));
    report.test("clock::alarm_set_by_an_interrupt", || alarm_set_by_an_interrupt(board));
    report.test("clock::alarm_far_away_does_not_fire", alarm_far_away_does_not_fire);
    report.test("clock::alarm_due_while_masked_is_not_lost", alarm_due_while_masked_is_not_lost);
    report.test("clock::waiting_sleeps", waiting_sleeps);
}

fn goes_on_across_a_wrap(board: &Board) -> Outcome {
    static FLAG: Flag = Flag::new();
    let start = now();
    let deadline = start + 150 * MILLISECOND;
    schedule_wake(deadline, &FLAG.waker());
    let mut last = start;
    while FLAG.wakes() == 0 {
        let now = now();
        ensure!(now >= last, "{now} came after {last}");
        ensure!(now - last <= VERY_LATE, "{now} came after {last}, with {} wraps", (board.wraps)());
        ensure!(now < deadline + VERY_LATE, "the alarm was lost");
        last = now;
    }
    // On a busy host the first wrap may have been before our start.
    ensure!((board.wraps)() > 0, "the counter did not wrap until {last}");
    ensure!(FLAG.woken_at() >= Some(deadline), "woken at {:?}, not {deadline}", FLAG.woken_at());
    Ok(())
}

fn is_monotonic() -> Outcome {
    let start = now();
    let mut last = start;
    for _ in 0..2_000_000 {
        let now = now();
        ensure!(now >= last, "{now} came after {last}");
        last = now;
    }
    ensure!(last > start, "the clock stands still");
    Ok(())
}

/// Sets an alarm and sleeps until it fired; how late it was.
fn one_alarm(wait: u64) -> Result<u64, super::Reason> {
    static FLAG: Flag = Flag::new();
    FLAG.clear();
    set_limit(now() + LIMIT);
    let deadline = now() + wait;
    schedule_wake(deadline, &FLAG.waker());
    wait_until(LIMIT, || FLAG.wakes() > 0);
    let woken = FLAG.woken_at();
    ensure!(woken.is_some(), "an alarm of {wait} ticks was lost");
    let woken = woken.unwrap_or_default();
    ensure!(woken >= deadline, "an alarm of {wait} ticks was {} ticks early", deadline - woken);
    ensure!(woken - deadline <= VERY_LATE, "an alarm of {wait} ticks was {} ticks late", woken - deadline);
    ensure!(FLAG.wakes() == 1, "an alarm of {wait} ticks fired {} times", FLAG.wakes());
    Ok(woken - deadline)
}

fn alarm_is_on_time() -> Outcome {
    for wait in [1, 2, 3, 10, 30, 100, 1000, 10_000, 30_000] {
        let mut best = u64::MAX;
        for tries in 1..=TRIES {
            best = best.min(one_alarm(wait)?);
            if tries >= 10 && best <= LATE {
                break;
            }
        }
        ensure!(best <= LATE, "the best of {TRIES} alarms of {wait} ticks was {best} ticks late");
    }
    // Every length up to a few ticks beyond what setting an alarm takes: the deadline passes at every point of it.
    for wait in 1..300 {
        one_alarm(wait)?;
    }
    Ok(())
}

fn alarm_in_the_past_fires_at_once() -> Outcome {
    let now = now();
    for at in [0, 1, now.saturating_sub(1000), now - 1, now] {
        static FLAG: Flag = Flag::new();
        FLAG.clear();
        schedule_wake(at, &FLAG.waker());
        let (woken, _) = wait_until(LIMIT, || FLAG.wakes() > 0);
        ensure!(woken, "an alarm at {at} was lost at {now}");
        let late = FLAG.woken_at().unwrap_or_default() - now;
        ensure!(late <= VERY_LATE, "an alarm at {at} came {late} ticks after {now}");
    }
    Ok(())
}

fn alarms_fire_in_any_order() -> Outcome {
    static FLAGS: [Flag; 8] = [const { Flag::new() }; 8];
    let orders = [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [7, 6, 5, 4, 3, 2, 1, 0],
        [3, 7, 1, 0, 6, 2, 5, 4],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 2, 2, 1, 0, 1],
    ];
    for (step, order) in [200, 5 * MILLISECOND].into_iter().flat_map(|step| orders.map(|order| (step, order)))
    {
        FLAGS.iter().for_each(Flag::clear);
        set_limit(now() + LIMIT);
        let first = now() + step;
        let deadline = |place: u64| first + place * step;
        for (flag, place) in FLAGS.iter().zip(order) {
            schedule_wake(deadline(place), &flag.waker());
        }
        let (all, _) = wait_until(LIMIT, || FLAGS.iter().all(|flag| flag.wakes() > 0));
        ensure!(all, "{} of 8 alarms fired", FLAGS.iter().filter(|flag| flag.wakes() > 0).count());
        for (flag, place) in FLAGS.iter().zip(order) {
            let (woken, deadline) = (flag.woken_at().unwrap_or_default(), deadline(place));
            ensure!(woken >= deadline, "number {place} was {} ticks early", deadline - woken);
            ensure!(woken - deadline <= VERY_LATE, "number {place} was {} ticks late", woken - deadline);
            ensure!(flag.wakes() == 1, "number {place} fired {} times", flag.wakes());
        }
    }
    Ok(())
}

/// More wakers than any queue here has room for.
fn too_many_alarms_fire_early() -> Outcome {
    static FLAGS: [Flag; 40] = [const { Flag::new() }; 40];
    let deadline = now() + 20 * MILLISECOND;
    for flag in &FLAGS {
        schedule_wake(deadline, &flag.waker());
    }
    let (all, _) = wait_until(LIMIT, || FLAGS.iter().all(|flag| flag.wakes() > 0));
    ensure!(all, "{} of 40 alarms fired", FLAGS.iter().filter(|flag| flag.wakes() > 0).count());
    Ok(())
}

fn early_wake_is_harmless(board: &Board) -> Outcome {
    static FLAG: Flag = Flag::new();
    set_limit(now() + LIMIT);
    let deadline = now() + 20 * MILLISECOND;
    schedule_wake(deadline, &FLAG.waker());
    let mut early = 0;
    while now() < deadline {
        (board.early_alarm)();
        early += 1;
    }
    ensure!(early > 1, "the alarm's interrupt came {early} times before its time");
    let (woken, _) = wait_until(LIMIT, || FLAG.wakes() > 0);
    ensure!(woken, "the alarm was lost among early interrupts");
    ensure!(FLAG.woken_at() >= Some(deadline), "woken at {:?}, not {deadline}", FLAG.woken_at());
    ensure!(FLAG.wakes() == 1, "woken {} times", FLAG.wakes());
    Ok(())
}

static SPARE: Flag = Flag::new();

fn set_spare_alarm() {
    // Once in the future, which sets the alarm, and sometimes in the past.
    schedule_wake(now() + 500, &SPARE.waker());
}

fn alarm_set_by_an_interrupt(board: &Board) -> Outcome {
    static FLAG: Flag = Flag::new();
    set_limit(now() + LIMIT);
    for round in 0..100 {
        SPARE.clear();
        FLAG.clear();
        let start = now();
        // The two alarms are set in either order, and the interrupt's is earlier or later than ours.
        let deadline = start + 10 * round;
        if round % 2 == 0 {
            schedule_wake(deadline, &FLAG.waker());
        }
        (board.in_interrupt)(set_spare_alarm);
        if round % 2 == 1 {
            schedule_wake(deadline, &FLAG.waker());
        }
        let (woken, _) = wait_until(LIMIT, || FLAG.wakes() > 0 && SPARE.wakes() > 0);
        ensure!(woken, "an alarm was lost: ours fired {}, theirs {}", FLAG.wakes(), SPARE.wakes());
        ensure!(FLAG.woken_at() >= Some(deadline), "ours was early");
        ensure!(SPARE.woken_at() >= Some(start + 500), "the interrupt's was early");
    }
    Ok(())
}

fn alarm_far_away_does_not_fire() -> Outcome {
    static FAR: [Flag; 3] = [const { Flag::new() }; 3];
    let now = now();
    // A day, ten thousand years, and never.
    for (flag, at) in FAR.iter().zip([now + 86_400 * TICK_HZ, now + (TICK_HZ << 38), u64::MAX]) {
        schedule_wake(at, &flag.waker());
    }
    one_alarm(100)?;
    one_alarm(10_000)?;
    ensure!(FAR.iter().all(|flag| flag.wakes() == 0), "an alarm of a day or more fired");
    // Back from the queue, where nothing takes them out but being due.
    for flag in &FAR {
        schedule_wake(0, &flag.waker());
    }
    ensure!(FAR.iter().all(|flag| flag.wakes() == 1), "an alarm brought forward did not fire");
    Ok(())
}

fn alarm_due_while_masked_is_not_lost() -> Outcome {
    static FLAG: Flag = Flag::new();
    for _ in 0..10 {
        FLAG.clear();
        set_limit(now() + LIMIT);
        let deadline = now() + 200;
        masked(|_| {
            schedule_wake(deadline, &FLAG.waker());
            while now() < deadline + MILLISECOND {}
        });
        let (woken, _) = wait_until(LIMIT, || FLAG.wakes() > 0);
        ensure!(woken, "the alarm was lost");
    }
    Ok(())
}

fn waiting_sleeps() -> Outcome {
    let (_, sleeps) = wait_until(200 * MILLISECOND, || false);
    // One alarm and, on some boards, the counter's wrap; were `wfi` nothing, there would be thousands.
    ensure!(sleeps <= 20, "200 ms took {sleeps} sleeps");
    Ok(())
}
