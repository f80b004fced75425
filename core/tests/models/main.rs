//! Random programs against plain models: whatever is begun, polled, dropped, forgotten, cancelled or timed out when, a
//! primitive does step by step what its model says, and whoever's turn has come was woken.
//!
//! Each program runs in one of two ways: futures polled by hand, or tasks in a loop. The model is told of each poll and
//! each drop as it happens, so it need not know who schedules.
//!
//! `CASES=100000 SEED=1 cargo test --release --test models`: so many programs for each primitive, others than those of
//! another seed. One that fails is made as small as can be and printed with what happened.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

mod barrier;
mod condition;
mod event;
mod hand;
mod held;
mod line;
mod lock;
mod primitive;
mod program;
mod queue;
mod semaphore;
mod tasks;
mod world;

use primitive::{Begun, Id, Model, Primitive, among};
