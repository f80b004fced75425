//! A permit taken and given back.

use super as rt;
use crate::measure::{Report, Workload, begin, forever};

/// `n` is how often.
pub const ALL: &[Workload] = &[Workload { name: "semaphore", n: 5_000_000, run: alone }];

/// Nobody else wants one.
fn alone(n: u64) -> Report {
    rt::run(async move {
        let semaphore = forever(rt::semaphore(10));
        let task = rt::spawn(async move {
            let began = begin();
            for _ in 0..n {
                drop(rt::permit(semaphore).await);
            }
            vec![("ps", began.each(n))]
        });
        rt::output(task.await)
    })
}
