//! asyncio's high-level API on a microcontroller, without an allocator.
//!
//! Everything of [`everloop_core`] is re-exported here. On top of it this crate brings the platform: [`Loop`], which
//! keeps time with any `embassy-time-driver` and sleeps until an interrupt, and [`net`], TCP over any
//! `embassy-net-driver`.
//!
//! ```no_run
//! use everloop_embedded::{Duration, Loop, TaskPool, create_task, sleep};
//!
//! static POOL: TaskPool<8, 256> = TaskPool::new();
//! static LOOP: Loop = Loop::new();
//!
//! fn main() {
//!     let done = LOOP.run(&[&POOL], async {
//!         let blink = create_task(async { sleep(Duration::from_millis(500)).await });
//!         blink.await
//!     });
//!     assert_eq!(done, Ok(Ok(())));
//! }
//! ```
//!
//! # What a program has to bring
//! - A time driver: every embassy HAL has one. It must use the generic timer queue (a feature `generic-queue-*` of
//!   `embassy-time-queue-utils` or of `embassy-time`), since the integrated one only takes `embassy-executor`'s wakers.
//! - An implementation of `critical-section`.
//! - A target this crate knows: Cortex-M, 32-bit RISC-V in machine mode, or WebAssembly. On a host enable the feature
//!   `std`.
//! - With several cores, or with interrupt handlers that nest on RISC-V, the feature `custom-context`: see [`Context`].
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

#[cfg(not(feature = "std"))]
mod arch;
mod atomic;
mod context;
#[cfg(feature = "defmt")]
mod defmt_format;
mod delay;
mod event_loop;
#[cfg(not(feature = "std"))]
mod hooks;
#[cfg_attr(feature = "std", path = "idle_std.rs")]
mod idle;
mod interrupt_loop;
mod load;
mod log;
pub mod net;
mod pin;
mod place;
mod signal;
mod time_driver;

pub use context::Context;
pub use delay::Delay;
pub use event_loop::Loop;
pub use everloop_core::*;
pub use interrupt_loop::{InterruptLoop, StartError};
pub use load::Load;
pub use pin::{PinInterrupt, PinSignal, Trigger, WaitPin};
