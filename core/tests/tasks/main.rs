//! Tasks, and what their awaiting, ending and forgetting promises.
#![cfg(all(feature = "std", not(loom)))]
#![allow(missing_docs)]

mod abandoned;
mod aligned;
mod between_polls;
mod borrowing;
mod callbacks;
mod closing;
mod done_callback;
mod eager;
mod ending;
mod future;
mod gather_vec;
mod gather_vec_wakes;
mod group_abroad;
mod heap_memory;
mod hooks;
mod inspect;
mod inspect_survey;
mod life;
mod locals;
mod open_loop;
mod panics;
mod remote;
mod requests;
mod seeded;
#[cfg(feature = "alloc")]
#[path = "../support/mod.rs"]
mod support;
mod task_group;
mod texts;
mod timeout;
mod turns;
mod unhandled;
mod wait;
mod waker_count;
