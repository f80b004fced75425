//! QEMU's `microbit`: the BBC micro:bit with a Nordic nRF51822, a Cortex-M0 with 16 KiB of memory.
//!
//! Start the firmware with [`init`]. An image's build script has to give the linker `-Tlink.x`; `memory.x` comes from
//! here. The board's own test:
//!
//! ```text
//! cargo build --release --target thumbv6m-none-eabi --bin selftest
//! qemu-system-arm -machine microbit -display none -monitor none -serial none -nic none \
//!     -semihosting-config enable=on,target=native,arg=selftest -kernel <target>/thumbv6m-none-eabi/release/selftest
//! ```
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

mod board;
mod errand;
mod interrupts;
mod stack;
mod time;

pub use board::{Board, init};
pub use cortex_m_rt::interrupt;
pub use errand::in_interrupt;
pub use everloop_board_cortex_m::{
    WakerSlot, command_line, ensure, entry, exception, exit, flush, print, println, selftest, sleep_unless,
};
pub use interrupts::{Interrupt, Interrupt as interrupt};
pub use stack::{ensure as ensure_stack, untouched as untouched_stack};
pub use time::wraps as clock_wraps;
