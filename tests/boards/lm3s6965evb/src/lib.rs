//! QEMU's `lm3s6965evb`: TI's evaluation board with a Stellaris LM3S6965, a Cortex-M3 with 64 KiB of memory and an
//! Ethernet controller.
//!
//! Start the firmware with [`init`]. An image's build script has to give the linker `-Tlink.x`; `memory.x` comes from
//! here. The board's own test:
//!
//! ```text
//! cargo build --release --target thumbv7m-none-eabi --bin selftest
//! qemu-system-arm -machine lm3s6965evb -display none -monitor none -serial none -nic user \
//!     -semihosting-config enable=on,target=native,arg=selftest -kernel <target>/thumbv7m-none-eabi/release/selftest
//! ```
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

mod board;
mod errand;
mod ethernet;
mod gpio;
mod i2c;
mod interrupts;
mod system_control;
mod time;

pub use board::{Board, init};
pub use cortex_m_rt::interrupt;
pub use errand::in_interrupt;
pub use ethernet::Ethernet;
pub use everloop_board_cortex_m::{
    RxToken, TxToken, WakerSlot, command_line, ensure, entry, exception, exit, flush, print, println,
    selftest, sleep_unless,
};
pub use gpio::{Button, Buttons, Input, InputInterrupt, Output};
pub use i2c::{Error as I2cError, I2c};
pub use interrupts::{Interrupt, Interrupt as interrupt};
pub use time::wraps as clock_wraps;
