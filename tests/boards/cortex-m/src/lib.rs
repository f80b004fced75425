//! What the emulated Cortex-M boards share: text to the host and an exit code through semihosting, panics and
//! faults that end the run, sleeping without losing a wake, and a time driver that a board completes with a
//! counter and an alarm.
//!
//! It owns four things of which an image may have only one: the critical section (a single core's interrupt mask),
//! the panic handler, the `HardFault` handler and the handler of interrupts that nobody claims.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

mod console;
mod fault;
mod host;
mod idle;
mod panic;
mod singleton;
mod systick;
mod time;
mod vectors;
mod waker_slot;

pub mod selftest;

pub use console::flush;
#[doc(hidden)]
pub use console::print;
pub use cortex_m;
pub use cortex_m_rt::{entry, exception};
pub use host::{command_line, exit};
pub use idle::sleep_unless;
pub use singleton::Singleton;
pub use systick::SysTick;
pub use time::{Alarm, Counter, TimeDriver};
pub use waker_slot::WakerSlot;
