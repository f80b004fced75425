//! What connections cost, in calls of the system and in memory. A program of its own, since it counts both for all of it.
#![allow(missing_docs)]
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

mod calls;
mod memory;
#[path = "../support/mod.rs"]
mod support;
