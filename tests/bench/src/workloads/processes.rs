//! Subprocesses: one after the other, many at once, and a pipe to one and back.

use super as rt;
use crate::measure::{Report, Workload, begin};
use std::hint::black_box;

/// `n` is the number of subprocesses, or of bytes.
pub const ALL: &[Workload] = &[
    Workload { name: "process", n: 500, run: one_at_a_time },
    Workload { name: "processes", n: 640, run: at_once },
    Workload { name: "process-resident", n: 300, run: resident },
    Workload { name: "cat", n: 256 << 20, run: cat },
];

/// How many there are at once.
pub const AT_ONCE: u64 = 64;

/// A gigabyte, touched.
pub fn gigabyte() -> Vec<u8> {
    black_box(vec![1; 1 << 30])
}

/// Started and waited for.
fn one_at_a_time(n: u64) -> Report {
    rt::run(async move {
        rt::process().await;
        let began = begin();
        for _ in 0..n {
            rt::process().await;
        }
        vec![("ps", began.each_by_clock(n))]
    })
}

/// 64 of them by as many tasks, and again.
fn at_once(n: u64) -> Report {
    rt::run(async move {
        rt::process().await;
        let rounds = n.div_ceil(AT_ONCE);
        let began = begin();
        for _ in 0..rounds {
            let tasks: Vec<_> = (0..AT_ONCE).map(|_| rt::spawn(rt::process())).collect();
            for task in tasks {
                rt::output(task.await);
            }
        }
        vec![("ps", began.each_by_clock(rounds * AT_ONCE))]
    })
}

/// While this process has a gigabyte.
fn resident(n: u64) -> Report {
    let memory = gigabyte();
    let report = one_at_a_time(n);
    black_box(memory);
    report
}

/// `n` bytes through `cat`: one task writes, one reads.
fn cat(n: u64) -> Report {
    rt::run(async move {
        let began = begin();
        let (cat, stdin, stdout) = rt::cat().await;
        let source = rt::spawn(rt::feed(stdin, n));
        let came = rt::output(rt::spawn(rt::drain(stdout)).await);
        rt::output(source.await);
        rt::ended(cat).await;
        assert_eq!(came, n);
        vec![("rate", n * 1_000_000 / (began.each_by_clock(1) / 1_000_000).max(1))]
    })
}
