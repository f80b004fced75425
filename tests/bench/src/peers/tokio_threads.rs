//! tokio on a thread for each core.

#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "../workloads/locks.rs"]
mod locks;
#[path = "../workloads/queues.rs"]
mod queues;
#[path = "../workloads/semaphore.rs"]
mod semaphore_workloads;
#[path = "tokio_shared.rs"]
mod shared;
#[path = "../workloads/tasks.rs"]
mod tasks;
#[path = "../workloads/timers.rs"]
mod timers;

use crate::measure::Workload;
use std::future::Future;

pub use shared::*;
pub use tokio::spawn;

pub const ALL: &[&[Workload]] =
    &[tasks::ALL, queues::ALL, event_workloads::ALL, locks::ALL, semaphore_workloads::ALL, timers::ALL];

/// On a worker, where all the others are.
pub fn run<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async { spawn(main).await.unwrap() })
}

pub fn detach<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) {
    drop(spawn(task));
}

pub fn count(count: &crate::measure::Count) -> u64 {
    count.one()
}
