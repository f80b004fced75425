//! Sleeps, and deadlines that are not reached.

use super as rt;
use crate::measure::{Count, Report, Workload, begin, peak, processor, resident};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long nobody waits.
const LONG: Duration = Duration::from_secs(10);

/// `n` is the number of sleeps, or of deadlines set; of `timeout-over` it is the number of other timers.
pub const ALL: &[Workload] = &[
    Workload { name: "sleeps", n: 1_000_000, run: sleeps },
    Workload { name: "timeout-alone", n: 1_000_000, run: timeout_alone },
    Workload { name: "timeout-over", n: 100_000, run: timeout_over },
    Workload { name: "timeout-tasks", n: 1_000_000, run: timeout_tasks },
];

/// `n` tasks at once, each with a sleep of 1 to 1,000 ms.
fn sleeps(n: u64) -> Report {
    static DONE: Count = Count::new();
    rt::run(async move {
        let late: &'static [AtomicU32] = (0..n).map(|_| AtomicU32::new(0)).collect::<Vec<_>>().leak();
        // Touched, so that it is no part of what the sleeps take.
        late.iter().for_each(|late| late.store(1, Ordering::Relaxed));
        let (memory, cpu) = (resident(), processor());
        for i in 0..n {
            rt::detach(async move {
                let time = Duration::from_millis(i * 7919 % 1000 + 1);
                let due = Instant::now() + time;
                rt::sleep(time).await;
                let by = Instant::now().saturating_duration_since(due).as_micros();
                late[i as usize].store(u32::try_from(by).unwrap_or(u32::MAX), Ordering::Relaxed);
                rt::count(&DONE);
            });
        }
        while DONE.get() < n {
            rt::sleep(Duration::from_millis(5)).await;
        }
        let (cpu, peak) = (processor() - cpu, peak() - memory);
        let mut late: Vec<u32> = late.iter().map(|late| late.load(Ordering::Relaxed)).collect();
        late.sort_unstable();
        let at = |part: usize| u64::from(late[late.len() * part / 100]);
        let each = cpu.as_nanos() as u64 * 1000 / n;
        let cpu = cpu.as_micros() as u64;
        vec![("cpu-us", cpu), ("cpu-ps", each), ("peak", peak), ("late-us", at(50)), ("late99-us", at(99))]
    })
}

/// `n` times a deadline over something that gives way once.
async fn deadlines(n: u64) {
    for _ in 0..n {
        assert!(rt::timeout(LONG, rt::yield_now()).await);
    }
}

async fn timed(n: u64) -> Report {
    deadlines(n / 10).await;
    let began = begin();
    deadlines(n).await;
    vec![("ps", began.each(n))]
}

/// One task, with no other timer.
fn timeout_alone(n: u64) -> Report {
    rt::run(async move { rt::output(rt::spawn(timed(n)).await) })
}

/// One task, while `n` others sleep.
fn timeout_over(n: u64) -> Report {
    static BEGUN: Count = Count::new();
    rt::run(async move {
        for i in 0..n {
            rt::detach(async move {
                rt::count(&BEGUN);
                rt::sleep(Duration::from_millis(100_000 + i * 7919 % 1_000_000)).await;
            });
        }
        while BEGUN.get() < n {
            rt::output(rt::spawn(async {}).await);
        }
        rt::output(rt::spawn(timed(1_000_000)).await)
    })
}

/// 1,000 tasks, each with a thousandth of the `n`.
fn timeout_tasks(n: u64) -> Report {
    async fn work(n: u64) {
        let tasks: Vec<_> = (0..1_000).map(|_| rt::spawn(deadlines(n))).collect();
        for task in tasks {
            rt::output(task.await);
        }
    }
    rt::run(async move {
        let each_task = n.div_ceil(1_000);
        work(each_task.div_ceil(10)).await;
        let began = begin();
        work(each_task).await;
        vec![("ps", began.each(each_task * 1_000))]
    })
}
