//! monoio on epoll. It has no events; those of `event-listener` stand in. Its tasks take no turns: one that wakes itself
//! runs on before all others.

#[path = "../workloads/echo.rs"]
mod echo;
#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "own_thread.rs"]
mod own_thread;
#[path = "../workloads/server.rs"]
mod server;
#[path = "monoio_sockets.rs"]
mod sockets;
#[path = "../workloads/tasks.rs"]
mod tasks;
#[path = "../workloads/timers.rs"]
mod timers;
#[path = "../workloads/wake.rs"]
mod wake;

use crate::measure::Workload;
use std::future::Future;
use std::time::Duration;

pub use crate::own_yield::yield_now;
pub use ::monoio::time::sleep;
pub use own_thread::thread;
pub use sockets::*;

pub const ALL: &[&[Workload]] =
    &[tasks::ALL, event_workloads::ALL, timers::ALL, echo::ALL, server::ALL, wake::ALL];

pub fn run<T>(main: impl Future<Output = T>) -> T {
    let runtime = ::monoio::RuntimeBuilder::<::monoio::LegacyDriver>::new().enable_timer().build();
    runtime.unwrap().block_on(main)
}

pub async fn timeout<T>(limit: Duration, task: impl Future<Output = T>) -> bool {
    ::monoio::time::timeout(limit, task).await.is_ok()
}

pub fn event() -> event_listener::Event {
    event_listener::Event::new()
}

pub fn wait(event: &event_listener::Event) -> event_listener::EventListener {
    event.listen()
}

pub fn set(event: &event_listener::Event) {
    event.notify(usize::MAX);
}
