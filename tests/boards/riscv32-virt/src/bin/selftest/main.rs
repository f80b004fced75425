//! Tests this board and its drivers, in QEMU.
#![no_std]
#![no_main]

mod ethernet;

use everloop_board_riscv32_virt::selftest::{Report, clock};
use everloop_board_riscv32_virt::{clock_wraps, early_alarm, entry, in_interrupt, init};

#[entry]
fn main() -> ! {
    let board = init();
    let mut report = Report::from_command_line();
    let hooks = clock::Board { wraps: clock_wraps, early_alarm, in_interrupt };
    clock::run(&mut report, &hooks);
    ethernet::run(&mut report, board.ethernet);
    report.finish()
}
