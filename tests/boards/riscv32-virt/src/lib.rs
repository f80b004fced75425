//! QEMU's `virt` machine with one 32-bit RISC-V hart, in machine mode and without firmware beneath it.
//!
//! Start the firmware with [`init`]. An image's build script has to give the linker `-Tlink.x`; `memory.x` comes from
//! here. The board's own test:
//!
//! ```text
//! cargo build --release --target riscv32imac-unknown-none-elf --bin selftest
//! qemu-system-riscv32 -machine virt -bios none -display none -monitor none -serial none \
//!     -global virtio-mmio.force-legacy=false -netdev user,id=net -device virtio-net-device,netdev=net \
//!     -semihosting-config enable=on,target=native,arg=selftest \
//!     -kernel <target>/riscv32imac-unknown-none-elf/release/selftest
//! ```
//!
//! The critical section is the hart's interrupt mask. Everything that is no interrupt anybody waits for ends the run.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

mod board;
mod clint;
mod errand;
mod fault;
pub mod metronome;
mod plic;
mod time;
mod virtio_net;

pub use board::{Board, init};
pub use errand::in_interrupt;
pub use everloop_board_common::{
    WakerSlot, command_line, ensure, exit, flush, print, println, selftest, sleep_unless,
};
pub use riscv_rt::entry;
pub use time::{early_alarm, wraps as clock_wraps};
pub use virtio_net::{RxToken, TxToken, VirtioNet};
