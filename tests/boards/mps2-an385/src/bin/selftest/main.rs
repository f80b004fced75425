//! Tests this board and its drivers, in QEMU.
#![no_std]
#![no_main]

mod ethernet;

use cortex_m::peripheral::NVIC;
use everloop_board_mps2_an385::selftest::{Report, clock};
use everloop_board_mps2_an385::{Interrupt, clock_wraps, entry, init, interrupt};

#[entry]
fn main() -> ! {
    let board = init();
    // SAFETY: no critical section is built on masking it.
    unsafe { NVIC::unmask(Interrupt::DUALTIMER) };
    let mut report = Report::from_command_line();
    let hooks = clock::Board {
        wraps: clock_wraps,
        pend_alarm: || NVIC::pend(Interrupt::TIMER1),
        pend_spare: || NVIC::pend(Interrupt::DUALTIMER),
    };
    clock::run(&mut report, &hooks);
    ethernet::run(&mut report, board.ethernet);
    report.finish()
}

/// A device that this board makes no use of.
#[interrupt]
fn DUALTIMER() {
    clock::on_spare_interrupt();
}
