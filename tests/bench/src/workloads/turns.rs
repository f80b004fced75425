//! Tasks that take turns.

use super as rt;
use crate::measure::{Began, Count, Report, Workload, begin};
use crate::signal::Signal;
use std::sync::OnceLock;

/// `n` is the number of tasks.
pub const ALL: &[Workload] = &[Workload { name: "yield-all", n: 1_000, run: yield_all }];

/// `n` tasks that give way some million times together. What it takes to make them is no part of it.
fn yield_all(n: u64) -> Report {
    static BEGUN: Count = Count::new();
    static DONE: Count = Count::new();
    static BEGAN: OnceLock<Began> = OnceLock::new();
    static TOOK: OnceLock<u64> = OnceLock::new();
    static OVER: Signal = Signal::new();
    rt::run(async move {
        let yields = 3_000_000_u64.div_ceil(n).max(10);
        for _ in 0..n {
            rt::detach(async move {
                if rt::count(&BEGUN) == n {
                    let _ = BEGAN.set(begin());
                }
                while BEGUN.get() < n {
                    rt::yield_now().await;
                }
                for _ in 0..yields {
                    rt::yield_now().await;
                }
                if rt::count(&DONE) == n {
                    let began = BEGAN.get().expect("all have begun before all are done");
                    let _ = TOOK.set(began.each(n * yields));
                    OVER.set();
                }
            });
        }
        OVER.take().await;
        vec![("ps", TOOK.get().copied().unwrap_or_default())]
    })
}
