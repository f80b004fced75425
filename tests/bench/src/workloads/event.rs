//! Tasks that wait for one event.

use super as rt;
use crate::measure::{Count, Report, Workload, begin, forever, resident};
use crate::signal::Signal;

/// `n` is the number of tasks.
pub const ALL: &[Workload] = &[Workload { name: "parked", n: 1_000_000, run: parked }];

/// All of them wait, then it is set.
fn parked(n: u64) -> Report {
    static BEGUN: Count = Count::new();
    static DONE: Count = Count::new();
    static OVER: Signal = Signal::new();
    rt::run(async move {
        let event = forever(rt::event());
        let before = resident();
        for _ in 0..n {
            rt::detach(async move {
                // Begun before it is counted: no event that is set after that is missed on another thread.
                let wait = rt::wait(event);
                rt::count(&BEGUN);
                wait.await;
                if rt::count(&DONE) == n {
                    OVER.set();
                }
            });
        }
        while BEGUN.get() < n {
            rt::output(rt::spawn(async {}).await);
        }
        let bytes = (resident() - before) / n;
        let began = begin();
        rt::set(event);
        OVER.take().await;
        vec![("bytes", bytes), ("ps", began.each(n))]
    })
}
