//! Tasks woken from another thread.

use super as rt;
use crate::measure::{Count, Report, Workload, begin};
use crate::signal::Signal;

/// `n` is the number of round trips, or of wakes.
pub const ALL: &[Workload] = &[
    Workload { name: "wake-round-trip", n: 20_000, run: round_trip },
    Workload { name: "wake-batched", n: 1_000_000, run: batched },
];

/// There and back, between the loops of two threads.
fn round_trip(n: u64) -> Report {
    static THERE: Signal = Signal::new();
    static BACK: Signal = Signal::new();
    async fn ask(times: u64) {
        for _ in 0..times {
            THERE.set();
            BACK.take().await;
        }
    }
    rt::run(async move {
        let before = n / 10;
        let other = rt::thread(move || async move {
            for _ in 0..before + n {
                THERE.take().await;
                BACK.set();
            }
        });
        let task = rt::spawn(async move {
            ask(before).await;
            let began = begin();
            ask(n).await;
            vec![("ps", began.each_by_clock(n))]
        });
        let report = rt::output(task.await);
        other.join().unwrap();
        report
    })
}

/// A thousand tasks at once; when all of them have run, the next time.
fn batched(n: u64) -> Report {
    const TASKS: u64 = 1_000;
    static EACH: [Signal; TASKS as usize] = [const { Signal::new() }; TASKS as usize];
    static ALL_RAN: Signal = Signal::new();
    static OVER: Signal = Signal::new();
    static RAN: Count = Count::new();
    async fn wake(rounds: u64) {
        for _ in 0..rounds {
            EACH.iter().for_each(Signal::set);
            ALL_RAN.take().await;
        }
    }
    rt::run(async move {
        let rounds = n.div_ceil(TASKS);
        let before = rounds.div_ceil(10);
        for signal in &EACH {
            rt::detach(async move {
                for _ in 0..before + rounds {
                    signal.take().await;
                    if rt::count(&RAN).is_multiple_of(TASKS) {
                        ALL_RAN.set();
                    }
                }
            });
        }
        rt::output(rt::spawn(async {}).await);
        let other = rt::thread(move || async move {
            wake(before).await;
            let began = begin();
            wake(rounds).await;
            let ps = began.each_by_clock(rounds * TASKS);
            OVER.set();
            ps
        });
        OVER.take().await;
        vec![("ps", other.join().unwrap())]
    })
}
