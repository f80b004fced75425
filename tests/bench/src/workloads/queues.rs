//! Queues between two tasks.

use super as rt;
use crate::measure::{Report, Workload, begin};

/// `n` is the number of round trips, or of items.
pub const ALL: &[Workload] = &[
    Workload { name: "bounded-ping-pong", n: 1_000_000, run: bounded::ping_pong },
    Workload { name: "bounded-throughput", n: 5_000_000, run: bounded::throughput },
    Workload { name: "unbounded-ping-pong", n: 1_000_000, run: unbounded::ping_pong },
    Workload { name: "unbounded-throughput", n: 5_000_000, run: unbounded::throughput },
];

/// The same for either kind of queue.
macro_rules! queue {
    ($kind:ident) => {
        mod $kind {
            use super::rt::$kind::{get, new, put};
            use super::*;

            /// There and back through two queues.
            pub fn ping_pong(n: u64) -> Report {
                rt::run(async move {
                    let (mut to, mut at) = new();
                    let (mut back, mut here) = new();
                    let other = rt::spawn(async move {
                        for _ in 0..n {
                            let item = get(&mut at).await;
                            put(&mut back, item + 1).await;
                        }
                    });
                    let this = rt::spawn(async move {
                        let began = begin();
                        for i in 0..n {
                            put(&mut to, i).await;
                            assert_eq!(get(&mut here).await, i + 1);
                        }
                        vec![("ps", began.each(n))]
                    });
                    let report = rt::output(this.await);
                    rt::output(other.await);
                    report
                })
            }

            /// One way, as fast as it goes.
            pub fn throughput(n: u64) -> Report {
                rt::run(async move {
                    let (mut to, mut at) = new();
                    let began = begin();
                    let source = rt::spawn(async move {
                        for i in 0..n {
                            put(&mut to, i).await;
                        }
                    });
                    let sink = rt::spawn(async move {
                        for i in 0..n {
                            assert_eq!(get(&mut at).await, i);
                        }
                    });
                    rt::output(source.await);
                    rt::output(sink.await);
                    vec![("ps", began.each(n))]
                })
            }
        }
    };
}

queue!(bounded);
queue!(unbounded);
