//! What connections cost, in calls of the system and in memory. A program of its own, since it counts both for all of it.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

mod calls;
mod memory;
#[path = "../support/mod.rs"]
mod support;
