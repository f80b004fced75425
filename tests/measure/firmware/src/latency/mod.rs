//! From an interrupt to a task: what the programs that measure it have in common, whoever's tasks they run.
//!
//! A timer raises an interrupt at moments that repeat no pattern. Its handler calls [`began`] and then wakes the task,
//! which calls [`woken`]. Of each interrupt is noted how many instructions passed from when it was due, and from the
//! handler's beginning.

mod rest;
mod shots;
mod stopwatch;

pub use rest::{raise, raised};
pub use shots::{began, start, woken};
