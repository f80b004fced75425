//! What the emulated Cortex-M boards share on top of what all boards do: faults that end the run, vectors, and a time
//! driver that a board completes with a counter and an alarm.
//!
//! It owns three things of which an image may have only one: the critical section (a single core's interrupt mask),
//! the `HardFault` handler and the handler of interrupts that nobody claims.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

mod fault;
mod systick;
mod time;
mod vectors;

pub use cortex_m;
pub use cortex_m_rt::{entry, exception};
pub use everloop_board_common::{
    Errand, RxToken, Singleton, TxToken, WakerSlot, command_line, ensure, exit, flush, print, println,
    selftest, sleep_unless,
};
pub use systick::SysTick;
pub use time::{Alarm, Counter, TimeDriver};
