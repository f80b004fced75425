//! smol on a thread for each core, by its global executor.

#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "../workloads/locks.rs"]
mod locks;
#[path = "../workloads/processes.rs"]
mod processes;
#[path = "../workloads/queues.rs"]
mod queues;
#[path = "../workloads/semaphore.rs"]
mod semaphore_workloads;
#[path = "../workloads/server.rs"]
mod server;
#[path = "smol_shared.rs"]
mod shared;
#[path = "../workloads/tasks.rs"]
mod tasks;
#[path = "../workloads/timers.rs"]
mod timers;
#[path = "../workloads/turns.rs"]
mod turns;
#[path = "../workloads/wake.rs"]
mod wake;

use crate::measure::Workload;
use std::future::Future;
use std::thread::JoinHandle;

pub use shared::*;
pub use smol::spawn;

pub const ALL: &[&[Workload]] = &[
    tasks::ALL,
    turns::ALL,
    queues::ALL,
    event_workloads::ALL,
    locks::ALL,
    semaphore_workloads::ALL,
    timers::ALL,
    server::ALL,
    wake::ALL,
    processes::ALL,
];

/// On one of its threads, where all the others are.
pub fn run<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
    let threads = std::thread::available_parallelism().unwrap().to_string();
    // SAFETY: nothing else runs yet.
    unsafe { std::env::set_var("SMOL_THREADS", threads) };
    smol::block_on(spawn(main))
}

pub fn detach<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) {
    spawn(task).detach();
}

pub fn count(count: &crate::measure::Count) -> u64 {
    count.one()
}

/// One more, beside those of the runtime.
pub fn thread<T: Send + 'static, F: Future<Output = T>>(
    make: impl FnOnce() -> F + Send + 'static,
) -> JoinHandle<T> {
    std::thread::spawn(move || smol::block_on(make()))
}
