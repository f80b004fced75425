//! A station in virtual time, with a network in memory.
// Each test is a program of its own and uses a part of this.
#![allow(dead_code, unused_imports, unused_macros)]

mod client;
mod network;
mod pipe;

pub use client::Client;
pub use network::Network;

use everloop_core::create_task;
use station::{SimulatedBus, Station};

/// Runs a future on a loop of its own, in virtual time.
macro_rules! run {
    ($main:expr) => {{
        use everloop_core::virtual_time::{UNPARKER, VirtualTime};
        static LOOP: everloop_core::EventLoop = everloop_core::EventLoop::new(UNPARKER);
        static POOL: everloop_core::TaskPool<32, 4096> = everloop_core::TaskPool::new();
        LOOP.run(&VirtualTime::new(), &[&POOL], $main).unwrap()
    }};
}
pub(crate) use run;

/// A station that measures nothing yet.
pub fn station() -> &'static Station {
    Box::leak(Box::new(Station::new()))
}

/// Starts a station. The network to reach it by.
pub fn start() -> Network {
    let network = Network::default();
    create_task(station().run(SimulatedBus::new(), network.listener())).set_name("server");
    network
}
