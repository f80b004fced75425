//! Loops: run, timers, wakes from threads, threads of their own, and servers on several.
#![allow(missing_docs)]

#[cfg(target_os = "linux")]
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
mod time;
mod to_thread;
mod to_thread_pool;
mod wake;
