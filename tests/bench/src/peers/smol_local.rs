//! smol on one thread, by its `LocalExecutor`.

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

use crate::measure::{Workload, forever};
use smol::{LocalExecutor, Task};
use std::cell::Cell;
use std::future::Future;

pub use own_thread::thread;
pub use shared::*;

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

thread_local! {
    static EXECUTOR: Cell<Option<&'static LocalExecutor<'static>>> = const { Cell::new(None) };
}

pub fn run<T>(main: impl Future<Output = T>) -> T {
    let executor = forever(LocalExecutor::new());
    EXECUTOR.set(Some(executor));
    smol::block_on(executor.run(main))
}

pub fn spawn<T: 'static>(task: impl Future<Output = T> + 'static) -> Task<T> {
    EXECUTOR.get().unwrap().spawn(task)
}

pub fn detach<T: 'static>(task: impl Future<Output = T> + 'static) {
    spawn(task).detach();
}

pub fn count(count: &crate::measure::Count) -> u64 {
    count.one_local()
}
