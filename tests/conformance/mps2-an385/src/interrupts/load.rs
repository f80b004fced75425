//! What the time of the loops goes into, to a few ticks.

use board::ensure;
use board::selftest::{Outcome, Report};
use everloop_board_mps2_an385 as board;
use everloop_embedded::{Duration, Load, run_coroutine_threadsafe, sleep};

use crate::loops::{HIGH, LOW, THREAD, TO_HIGH, TO_LOW, compute, in_thread};

pub fn run(report: &mut Report) {
    report.test("load::a_sleep_is_idle_and_computing_is_busy", || in_thread(alternating));
    report.test("load::interrupt_loops_are_counted_apart", || in_thread(apart));
    report.test("load::each_tick_of_nested_loops_is_counted_once", || in_thread(nested));
}

/// What else runs: the handlers, the loops, and the ticks that are cut off.
const SLACK: u64 = 200;

fn about(what: &str, found: Duration, ms: u64) -> Outcome {
    let (found, expected) = (found.as_micros(), ms * 1000);
    ensure!(found.abs_diff(expected) <= SLACK, "{what} for {found} us and not {expected}");
    Ok(())
}

fn expect(load: Load, busy: u64, idle: u64, preempted: u64) -> Outcome {
    about("busy", load.busy, busy)?;
    about("idle", load.idle, idle)?;
    about("preempted", load.preempted, preempted)
}

async fn alternating() -> Outcome {
    let before = THREAD.load();
    for _ in 0..5 {
        compute(Duration::from_millis(2));
        sleep(Duration::from_millis(8)).await;
    }
    let load = THREAD.load().since(before);
    expect(load, 10, 40, 0)?;
    let permille = load.permille();
    ensure!((200..205).contains(&permille), "{permille} thousandths and not 200");
    Ok(())
}

async fn apart() -> Outcome {
    let (thread, low) = (THREAD.load(), LOW.load());
    let task = run_coroutine_threadsafe(
        async || {
            // Once on top of a task, once while there is nothing to do.
            compute(Duration::from_millis(3));
            sleep(Duration::from_millis(5)).await;
            compute(Duration::from_millis(4));
        },
        &TO_LOW,
    );
    sleep(Duration::from_millis(17)).await;
    ensure!(task.is_ok_and(|task| task.done()), "it has ended");
    expect(THREAD.load().since(thread), 0, 13, 7)?;
    expect(LOW.load().since(low), 7, 13, 0)
}

async fn nested() -> Outcome {
    let (thread, low, high) = (THREAD.load(), LOW.load(), HIGH.load());
    drop(run_coroutine_threadsafe(
        async || {
            sleep(Duration::from_millis(1)).await;
            compute(Duration::from_millis(2));
        },
        &TO_HIGH,
    ));
    drop(run_coroutine_threadsafe(async || compute(Duration::from_millis(5)), &TO_LOW));
    sleep(Duration::from_millis(5)).await;
    expect(HIGH.load().since(high), 2, 8, 0)?;
    expect(LOW.load().since(low), 3, 5, 2)?;
    expect(THREAD.load().since(thread), 0, 5, 5)
}
