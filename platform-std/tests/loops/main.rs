//! Loops: run, timers, wakes from threads, threads of their own, and servers on several.
#![allow(missing_docs)]

mod late_submissions;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memory_limit;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod precision;
mod run;
#[cfg(unix)]
mod runner;
#[cfg(unix)]
mod server_threads;
#[cfg(unix)]
mod server_threads_unix;
#[path = "../support/mod.rs"]
mod support;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod system_time;
mod time;
mod to_thread;
mod to_thread_pool;
mod wake;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[path = "../support/wall_clock.rs"]
mod wall_clock;
