//! Who preempts whom, and when.

use portable_atomic::{AtomicU32, Ordering};

use board::ensure;
use board::selftest::{Outcome, Report};
use everloop_board_mps2_an385 as board;
use everloop_embedded::{
    Duration, Event, Instant, Shared, create_task, run_coroutine_threadsafe, sleep, sleep_until, yield_now,
};

use crate::loops::{TO_HIGH, TO_LOW, compute, in_thread};

pub fn run(report: &mut Report) {
    report.test("preemption::a_task_that_never_yields_is_preempted", || in_thread(busy));
    report.test("preemption::a_higher_loop_preempts_a_lower_one", || in_thread(nested));
    report.test("preemption::a_lower_loop_waits_for_a_higher_one", || in_thread(inverse));
    report.test("preemption::a_wake_from_thread_mode_runs_the_task_before_the_waker_goes_on", || {
        in_thread(at_once)
    });
    report.test("preemption::tasks_of_a_loop_run_in_the_order_of_their_wakes", || in_thread(order));
    report.test("preemption::timers_fire_in_the_order_of_their_deadlines", || in_thread(timers));
    report.test("preemption::an_earlier_timer_set_later_fires_first", || in_thread(earlier));
}

/// How late a timer of an interrupt loop may be: the tick that has begun, and the instructions up to the task.
const LATE: Duration = Duration::from_micros(20);

async fn busy() -> Outcome {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    static LATEST: AtomicU32 = AtomicU32::new(0);
    let task = run_coroutine_threadsafe(
        async || {
            let start = Instant::now();
            for n in 1..=9 {
                let due = start + Duration::from_millis(n);
                sleep_until(due).await;
                LATEST.fetch_max(due.elapsed().as_micros() as u32, Ordering::Relaxed);
                RUNS.fetch_add(1, Ordering::Relaxed);
            }
        },
        &TO_LOW,
    );
    compute(Duration::from_millis(10));
    let runs = RUNS.load(Ordering::Relaxed);
    ensure!(runs == 9, "it ran {runs} times and not 9");
    let latest = LATEST.load(Ordering::Relaxed);
    ensure!(u64::from(latest) <= LATE.as_micros(), "{latest} us late");
    ensure!(task.is_ok_and(|task| task.done()), "its handle knows it");
    Ok(())
}

async fn nested() -> Outcome {
    static HIGH_RUNS: AtomicU32 = AtomicU32::new(0);
    static SEEN: AtomicU32 = AtomicU32::new(0);
    drop(run_coroutine_threadsafe(
        async || {
            for _ in 0..4 {
                sleep(Duration::from_millis(1)).await;
                HIGH_RUNS.fetch_add(1, Ordering::Relaxed);
            }
        },
        &TO_HIGH,
    ));
    drop(run_coroutine_threadsafe(
        async || {
            compute(Duration::from_millis(5));
            SEEN.store(HIGH_RUNS.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        },
        &TO_LOW,
    ));
    // The lower loop has preempted this one, so it has computed by now.
    let seen = SEEN.load(Ordering::Relaxed);
    ensure!(seen == 5, "the lower loop saw {seen} - 1 runs of the higher one's task and not 4");
    Ok(())
}

async fn inverse() -> Outcome {
    static STEPS: AtomicU32 = AtomicU32::new(0);
    static BETWEEN: AtomicU32 = AtomicU32::new(0);
    drop(run_coroutine_threadsafe(
        async || {
            drop(run_coroutine_threadsafe(async || STEPS.fetch_add(1, Ordering::Relaxed), &TO_LOW));
            compute(Duration::from_millis(1));
            BETWEEN.store(STEPS.load(Ordering::Relaxed), Ordering::Relaxed);
        },
        &TO_HIGH,
    ));
    let (between, after) = (BETWEEN.load(Ordering::Relaxed), STEPS.load(Ordering::Relaxed));
    ensure!((between, after) == (0, 1), "{between} runs inside the higher loop's task, {after} after");
    Ok(())
}

async fn at_once() -> Outcome {
    static GO: Event<Shared> = Event::new();
    static WOKEN: AtomicU32 = AtomicU32::new(0);
    drop(run_coroutine_threadsafe(
        async || {
            GO.wait().await;
            WOKEN.store(1, Ordering::Relaxed);
        },
        &TO_HIGH,
    ));
    ensure!(WOKEN.load(Ordering::Relaxed) == 0, "the event is not set");
    GO.set();
    ensure!(WOKEN.load(Ordering::Relaxed) == 1, "the event is set, and the task has not run");
    Ok(())
}

/// Digits, the first the most significant.
static ORDER: AtomicU32 = AtomicU32::new(0);

fn note(digit: u32) {
    // Only the lower loop's tasks write.
    ORDER.store(ORDER.load(Ordering::Relaxed) * 10 + digit, Ordering::Relaxed);
}

async fn noted(digits: u32) -> Outcome {
    let order = ORDER.swap(0, Ordering::Relaxed);
    ensure!(order == digits, "{order} and not {digits}");
    Ok(())
}

async fn order() -> Outcome {
    drop(run_coroutine_threadsafe(
        async || {
            let one = create_task(async {
                note(1);
                yield_now().await;
                note(4);
            });
            let two = create_task(async {
                note(2);
                yield_now().await;
                note(5);
            });
            note(0);
            drop((one, two));
            yield_now().await;
            note(3);
        },
        &TO_LOW,
    ));
    // The one that yielded first came after those that it had created, and before their second steps.
    noted(12345).await
}

async fn timers() -> Outcome {
    for (ms, digit) in [(3, 3), (1, 1), (4, 4), (2, 2)] {
        let after = async move || {
            sleep(Duration::from_millis(ms)).await;
            note(digit);
        };
        drop(run_coroutine_threadsafe(after, &TO_LOW));
    }
    sleep(Duration::from_millis(6)).await;
    noted(1234).await
}

async fn earlier() -> Outcome {
    drop(run_coroutine_threadsafe(
        async || {
            sleep(Duration::from_millis(8)).await;
            note(2);
        },
        &TO_LOW,
    ));
    sleep(Duration::from_millis(1)).await;
    drop(run_coroutine_threadsafe(
        async || {
            sleep(Duration::from_millis(1)).await;
            note(1);
        },
        &TO_LOW,
    ));
    sleep(Duration::from_millis(3)).await;
    noted(1).await?;
    sleep(Duration::from_millis(8)).await;
    noted(2).await
}
