//! tokio on a thread for each core.

#[path = "../workloads/cores.rs"]
mod cores;
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
use std::thread::JoinHandle;

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
    server::ALL,
    cores::ALL,
    wake::ALL,
    processes::ALL,
];

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

/// One more, beside those of the runtime.
pub fn thread<T: Send + 'static, F: Future<Output = T>>(
    make: impl FnOnce() -> F + Send + 'static,
) -> JoinHandle<T> {
    let runtime = tokio::runtime::Handle::current();
    std::thread::spawn(move || runtime.block_on(make()))
}

/// A server on so many threads, while that is done with its port.
pub fn serve<T: Send + 'static>(threads: usize, during: impl FnOnce(u16) -> T + Send + 'static) -> T {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut listener = listen().await;
        let port = port(&listener);
        let accepting = spawn(async move {
            loop {
                let stream = accept(&mut listener).await;
                spawn(answer(stream));
            }
        });
        let value = tokio::task::spawn_blocking(move || during(port)).await.unwrap();
        accepting.abort();
        value
    })
}
