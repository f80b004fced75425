//! A lock taken by one task, and by many.

use super as rt;
use crate::measure::{Report, Workload, begin, forever};

/// `n` is how often it is taken.
pub const ALL: &[Workload] = &[
    Workload { name: "lock", n: 5_000_000, run: alone },
    Workload { name: "lock-handed-on", n: 1_000_000, run: handed_on },
];

/// Who took it last, and how often somebody took it out of turn.
#[derive(Default)]
pub struct Turn {
    last: u64,
    barged: u64,
}

/// Nobody else wants it.
fn alone(n: u64) -> Report {
    rt::run(async move {
        let lock = forever(rt::lock(Turn::default()));
        let task = rt::spawn(async move {
            let began = begin();
            for i in 0..n {
                rt::acquire(lock).await.last = i;
            }
            vec![("ps", began.each(n))]
        });
        rt::output(task.await)
    })
}

/// 100 tasks want it all the time, and get it in turns: the lock is only fair if none of them is passed over.
fn handed_on(n: u64) -> Report {
    const TASKS: u64 = 100;
    rt::run(async move {
        let lock = forever(rt::lock(Turn::default()));
        let rounds = n / TASKS;
        let held = rt::acquire(lock).await;
        let tasks: Vec<_> = (0..TASKS)
            .map(|me| {
                rt::spawn(async move {
                    for round in 0..rounds {
                        let mut turn = rt::acquire(lock).await;
                        if (turn.last + 1) % TASKS != me && round > 0 {
                            turn.barged += 1;
                        }
                        turn.last = me;
                    }
                })
            })
            .collect();
        // Until all of them wait.
        for _ in 0..3 {
            rt::output(rt::spawn(async {}).await);
        }
        let began = begin();
        drop(held);
        for task in tasks {
            rt::output(task.await);
        }
        let ps = began.each(rounds * TASKS);
        let barged = rt::acquire(lock).await.barged;
        vec![("ps", ps), ("barged", barged)]
    })
}
