//! Two threads that wake each other.

use crate::measure::{Report, Workload, begin};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{current, park, spawn};

/// As in the workloads of the others.
pub const ALL: &[Workload] = &[Workload { name: "wake-round-trip", n: 20_000, run: parked }];

/// With threads that never sleep.
pub const SPINNING: &[&[Workload]] =
    &[&[Workload { name: "wake-round-trip", n: 200_000, run: |n| round_trips(n, spin_loop, |_| {}) }]];

/// With threads that sleep at once.
fn parked(n: u64) -> Report {
    round_trips(n, park, std::thread::Thread::unpark)
}

fn round_trips(n: u64, wait: fn(), wake: fn(&std::thread::Thread)) -> Report {
    static THERE: AtomicU64 = AtomicU64::new(0);
    static BACK: AtomicU64 = AtomicU64::new(0);
    let until = move |at: &AtomicU64, is: u64| {
        while at.load(Ordering::Acquire) < is {
            wait();
        }
    };
    let asking = current();
    let answering = spawn(move || {
        for i in 1..=n {
            until(&THERE, i);
            BACK.store(i, Ordering::Release);
            wake(&asking);
        }
    });
    let began = begin();
    for i in 1..=n {
        THERE.store(i, Ordering::Release);
        wake(answering.thread());
        until(&BACK, i);
    }
    vec![("ps", began.each_by_clock(n))]
}
