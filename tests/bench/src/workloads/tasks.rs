//! Tasks: made, awaited, giving way, idle.

use super as rt;
use crate::measure::{Count, Report, Workload, begin, peak, resident};
use std::hint::black_box;

/// `n` is the number of tasks.
pub const ALL: &[Workload] = &[
    Workload { name: "spawn-await", n: 2_000_000, run: spawn_await },
    Workload { name: "spawn-all", n: 1_000, run: spawn_all },
    Workload { name: "spawn-million", n: 1_000_000, run: spawn_million },
    Workload { name: "yield-alone", n: 5_000_000, run: yield_alone },
    Workload { name: "idle", n: 1_000_000, run: idle },
];

/// Tasks made and awaited one after the other.
fn spawn_await(n: u64) -> Report {
    async fn work(n: u64) {
        for i in 0..n {
            rt::output(rt::spawn(async move { black_box(i) }).await);
        }
    }
    rt::run(async move {
        work(n / 10).await;
        let began = begin();
        work(n).await;
        vec![("ps", began.each(n))]
    })
}

/// `n` tasks made, then all awaited.
async fn at_once(n: u64) {
    let tasks: Vec<_> = (0..n).map(|i| rt::spawn(async move { black_box(i) })).collect();
    for task in tasks {
        rt::output(task.await);
    }
}

/// The same again and again.
fn spawn_all(n: u64) -> Report {
    rt::run(async move {
        let rounds = (2_000_000 / n).clamp(1, 500_000);
        at_once(n).await;
        let began = begin();
        for _ in 0..rounds {
            at_once(n).await;
        }
        vec![("ps", began.each(n * rounds))]
    })
}

/// The same once, with memory that nobody has touched yet.
fn spawn_million(n: u64) -> Report {
    rt::run(async move {
        let before = resident();
        let began = begin();
        at_once(n).await;
        vec![("ps", began.each(n)), ("peak", peak() - before)]
    })
}

/// One task gives way `n` times with nobody there.
fn yield_alone(n: u64) -> Report {
    rt::run(async move {
        let task = rt::spawn(async move {
            let began = begin();
            for _ in 0..n {
                rt::yield_now().await;
            }
            vec![("ps", began.each(n))]
        });
        rt::output(task.await)
    })
}

/// `n` tasks that wait for nothing.
fn idle(n: u64) -> Report {
    static BEGUN: Count = Count::new();
    rt::run(async move {
        let before = resident();
        for _ in 0..n {
            rt::detach(async {
                rt::count(&BEGUN);
                std::future::pending::<()>().await;
            });
        }
        while BEGUN.get() < n {
            rt::output(rt::spawn(async {}).await);
        }
        vec![("bytes", (resident() - before) / n)]
    })
}
