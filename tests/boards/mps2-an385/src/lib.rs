//! QEMU's `mps2-an385`: Arm's MPS2 board with the Cortex-M3 of application note AN385 at 25 MHz, and a LAN9118.
//!
//! Start the firmware with [`init`]. An image's build script has to give the linker `-Tlink.x`; `memory.x` comes from
//! here. The board's own test:
//!
//! ```text
//! cargo build --release --target thumbv7m-none-eabi --bin selftest
//! qemu-system-arm -machine mps2-an385 -display none -monitor none -serial none -nic user \
//!     -semihosting-config enable=on,target=native,arg=selftest -kernel <target>/thumbv7m-none-eabi/release/selftest
//! ```
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

mod board;
mod errand;
mod interrupts;
mod lan9118;
mod leds;
pub mod metronome;
pub mod shot;
mod time;

pub use board::{Board, init};
pub use cortex_m_rt::interrupt;
pub use errand::in_interrupt;
pub use everloop_board_cortex_m::{
    RxToken, TxToken, WakerSlot, command_line, ensure, entry, exception, exit, flush, print, println,
    selftest, sleep_unless,
};
pub use interrupts::{Interrupt, Interrupt as interrupt};
pub use lan9118::Lan9118;
pub use leds::Led;
pub use time::wraps as clock_wraps;
