//! compio, on io_uring where there is one. It has no events; those of `event-listener` stand in.

#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "../workloads/tasks.rs"]
mod tasks;
#[path = "../workloads/timers.rs"]
mod timers;

use crate::measure::Workload;
use std::future::Future;
use std::time::Duration;

pub use crate::own_yield::yield_now;
pub use ::compio::runtime::spawn;
pub use ::compio::time::sleep;

pub const ALL: &[&[Workload]] = &[tasks::ALL, event_workloads::ALL, timers::ALL];

pub fn run<T>(main: impl Future<Output = T>) -> T {
    ::compio::runtime::Runtime::new().unwrap().block_on(main)
}

pub fn output<T, E: std::fmt::Debug>(done: Result<T, E>) -> T {
    done.unwrap()
}

pub fn detach<T: 'static>(task: impl Future<Output = T> + 'static) {
    spawn(task).detach();
}

pub async fn timeout<T>(limit: Duration, task: impl Future<Output = T>) -> bool {
    ::compio::time::timeout(limit, task).await.is_ok()
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

pub fn count(count: &crate::measure::Count) -> u64 {
    count.one_local()
}
