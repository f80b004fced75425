//! Tasks that wait for one event.

use super as rt;
use crate::measure::{Count, Report, Workload, begin, resident};
use crate::signal::Signal;

/// `n` is the number of tasks.
pub const ALL: &[Workload] = &[Workload { name: "parked", n: 1_000_000, run: parked }];

/// All of them wait, then it is set, and all of them have run. Of few there are many groups, each with an event, one after
/// the other, so that there is something to measure.
fn parked(n: u64) -> Report {
    static BEGUN: Count = Count::new();
    static DONE: Count = Count::new();
    static OVER: Signal = Signal::new();
    rt::run(async move {
        let groups = (100_000 / n).max(1);
        let events: &[_] = (0..groups).map(|_| rt::event()).collect::<Vec<_>>().leak();
        let before = resident();
        for event in events {
            for _ in 0..n {
                rt::detach(async move {
                    // Begun before it is counted: no event that is set after that is missed on another thread.
                    let wait = rt::wait(event);
                    rt::count(&BEGUN);
                    wait.await;
                    if rt::count(&DONE).is_multiple_of(n) {
                        OVER.set();
                    }
                });
            }
        }
        while BEGUN.get() < groups * n {
            rt::output(rt::spawn(async {}).await);
        }
        let bytes = (resident() - before) / (groups * n);
        let began = begin();
        for event in events {
            rt::set(event);
            OVER.take().await;
        }
        vec![("bytes", bytes), ("ps", began.each(groups * n))]
    })
}
