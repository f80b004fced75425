//! monoio on io_uring.

#[path = "../workloads/echo.rs"]
mod echo;
#[path = "../workloads/server.rs"]
mod server;
#[path = "monoio_sockets.rs"]
mod sockets;

use crate::measure::Workload;
use std::future::Future;

pub use sockets::*;

pub const ALL: &[&[Workload]] = &[echo::ALL, server::ALL];

pub fn run<T>(main: impl Future<Output = T>) -> T {
    let runtime = ::monoio::RuntimeBuilder::<::monoio::IoUringDriver>::new().enable_timer().build();
    runtime.unwrap().block_on(main)
}
