//! Tasks that wait for one event.

use super as rt;
use crate::measure::{Count, Report, Workload, begin, forever, resident};

/// `n` is the number of tasks.
pub const ALL: &[Workload] = &[Workload { name: "parked", n: 1_000_000, run: parked }];

/// All of them wait, then it is set.
fn parked(n: u64) -> Report {
    static BEGUN: Count = Count::new();
    static DONE: Count = Count::new();
    rt::run(async move {
        let event = forever(rt::event());
        let before = resident();
        for _ in 0..n {
            rt::detach(async move {
                rt::count(&BEGUN);
                rt::wait(event).await;
                rt::count(&DONE);
            });
        }
        while BEGUN.get() < n {
            rt::output(rt::spawn(async {}).await);
        }
        let bytes = (resident() - before) / n;
        let began = begin();
        rt::set(event);
        while DONE.get() < n {
            rt::output(rt::spawn(async {}).await);
        }
        vec![("bytes", bytes), ("ps", began.each(n))]
    })
}
