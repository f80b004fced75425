//! Queues, locks and streams, and threads that wait for them.
#![cfg(all(feature = "std", not(loom)))]
#![allow(missing_docs)]

mod blocking;
mod blocking_locks;
mod locks;
mod locks_random;
mod queues;
#[cfg(feature = "alloc")]
mod stream_edges;
mod stream_fixed;
mod stream_reader;
mod stream_writer;
mod stream_writer_turns;
#[cfg(feature = "alloc")]
#[path = "../support/mod.rs"]
mod support;
mod timers;
#[cfg(feature = "alloc")]
mod timers_model;
