//! Tests this board and its drivers, in QEMU.
#![no_std]
#![no_main]

mod ethernet;

use cortex_m::peripheral::NVIC;
use everloop_board_lm3s6965evb::selftest::{Report, clock};
use everloop_board_lm3s6965evb::{Interrupt, clock_wraps, entry, in_interrupt, init};

#[entry]
fn main() -> ! {
    let board = init();
    let mut report = Report::from_command_line();
    let hooks = clock::Board {
        wraps: clock_wraps,
        early_alarm: || {
            NVIC::pend(Interrupt::TIMER0A);
            // By when it has come.
            cortex_m::asm::isb();
        },
        in_interrupt,
    };
    clock::run(&mut report, &hooks);
    ethernet::run(&mut report, board.ethernet);
    report.finish()
}
