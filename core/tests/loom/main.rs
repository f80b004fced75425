//! Models: every schedule of what crosses threads, up to a bound.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

mod barrier;
mod condition;
mod event;
mod lock;
mod locks;
#[path = "../support/model.rs"]
mod model;
mod open;
mod pages;
mod queue;
mod remote;
mod semaphore;
mod slot;
mod wakes;
