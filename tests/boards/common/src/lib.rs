//! What the emulated boards share, whatever their processor: text to the host and an exit code through semihosting,
//! panics that end the run, sleeping without losing a wake, running a function in an interrupt handler, and the tests
//! of a clock.
//!
//! Of the panic handler an image may have only one, and this is it. The critical section it uses comes from the crate
//! of the processor or the board, and so does the time driver that its tests are for.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

mod arch;
mod console;
mod errand;
mod fatal;
mod frame;
mod host;
mod idle;
mod panic;
mod singleton;
mod waker_slot;

pub mod selftest;

pub use console::flush;
#[doc(hidden)]
pub use console::print;
pub use errand::Errand;
pub use fatal::{FAULTED, fatal};
pub use frame::{RxToken, TxToken};
pub use host::{command_line, exit};
pub use idle::sleep_unless;
pub use singleton::Singleton;
pub use waker_slot::WakerSlot;
