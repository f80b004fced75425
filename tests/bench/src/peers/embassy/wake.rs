//! Tasks woken from another thread, which has an executor of its own.

use super::run;
use crate::measure::{Count, Report, Workload, begin};
use crate::signal::Signal;
use embassy_executor::{Executor, Spawner};
use std::sync::atomic::{AtomicU64, Ordering};

/// As in the workloads of the others.
pub const ALL: &[Workload] = &[
    Workload { name: "wake-round-trip", n: 20_000, run: round_trip },
    Workload { name: "wake-batched", n: 1_000_000, run: batched },
];

static THERE: Signal = Signal::new();
static BACK: Signal = Signal::new();

/// It lasts as long as the program.
fn thread(begin: impl FnOnce(Spawner) + Send + 'static) {
    std::thread::spawn(|| Box::leak(Box::new(Executor::new())).run(begin));
}

#[embassy_executor::task]
async fn answer() {
    loop {
        THERE.take().await;
        BACK.set();
    }
}

async fn ask(times: u64) {
    for _ in 0..times {
        THERE.set();
        BACK.take().await;
    }
}

fn round_trip(n: u64) -> Report {
    run("wake-round-trip", move |_| async move {
        thread(|spawner| spawner.spawn(answer().unwrap()));
        ask(n / 10).await;
        let began = begin();
        ask(n).await;
        vec![("ps", began.each_by_clock(n))]
    })
}

const TASKS: usize = 1_000;

static EACH: [Signal; TASKS] = [const { Signal::new() }; TASKS];
static ALL_RAN: Signal = Signal::new();
static OVER: Signal = Signal::new();
static RAN: Count = Count::new();
static TOOK: AtomicU64 = AtomicU64::new(0);

#[embassy_executor::task(pool_size = TASKS)]
async fn one(signal: &'static Signal) {
    loop {
        signal.take().await;
        if RAN.one_local().is_multiple_of(TASKS as u64) {
            ALL_RAN.set();
        }
    }
}

async fn wake(rounds: u64) {
    for _ in 0..rounds {
        EACH.iter().for_each(Signal::set);
        ALL_RAN.take().await;
    }
}

#[embassy_executor::task]
async fn waking(rounds: u64) {
    wake(rounds.div_ceil(10)).await;
    let began = begin();
    wake(rounds).await;
    TOOK.store(began.each_by_clock(rounds * TASKS as u64), Ordering::Release);
    OVER.set();
}

fn batched(n: u64) -> Report {
    run("wake-batched", move |spawner| async move {
        for signal in &EACH {
            spawner.spawn(one(signal).unwrap());
        }
        thread(move |spawner| spawner.spawn(waking(n.div_ceil(TASKS as u64)).unwrap()));
        OVER.take().await;
        vec![("ps", TOOK.load(Ordering::Acquire))]
    })
}
