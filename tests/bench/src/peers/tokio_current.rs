//! tokio on one thread, with the futures that it wants to be `Send`.

#[path = "../workloads/echo.rs"]
mod echo;
#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "../workloads/locks.rs"]
mod locks;
#[path = "own_thread.rs"]
mod own_thread;
#[path = "../workloads/processes.rs"]
mod processes;
#[path = "../workloads/queues.rs"]
mod queues;
#[path = "../workloads/semaphore.rs"]
mod semaphore_workloads;
#[path = "../workloads/server.rs"]
mod server;
#[path = "tokio_shared.rs"]
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

pub use own_thread::thread;
pub use shared::*;
pub use tokio::spawn;

pub const ALL: &[&[Workload]] = &[
    tasks::ALL,
    turns::ALL,
    queues::ALL,
    event_workloads::ALL,
    locks::ALL,
    semaphore_workloads::ALL,
    timers::ALL,
    echo::ALL,
    server::ALL,
    wake::ALL,
    processes::ALL,
];

pub fn run<T>(main: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(main)
}

pub fn detach<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) {
    drop(spawn(task));
}

pub fn count(count: &crate::measure::Count) -> u64 {
    count.one_local()
}
