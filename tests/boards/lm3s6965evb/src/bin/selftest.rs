//! Tests this board and its drivers, in QEMU.
#![no_std]
#![no_main]

use cortex_m::peripheral::NVIC;
use everloop_board_lm3s6965evb::selftest::{Report, clock};
use everloop_board_lm3s6965evb::{Interrupt, clock_wraps, entry, init, interrupt};

#[entry]
fn main() -> ! {
    init();
    // SAFETY: no critical section is built on masking it.
    unsafe { NVIC::unmask(Interrupt::QEI0) };
    let mut report = Report::from_command_line();
    let hooks = clock::Board {
        wraps: clock_wraps,
        pend_alarm: || NVIC::pend(Interrupt::TIMER0A),
        pend_spare: || NVIC::pend(Interrupt::QEI0),
    };
    clock::run(&mut report, &hooks);
    report.finish()
}

/// A device that this board makes no use of.
#[interrupt]
fn QEI0() {
    clock::on_spare_interrupt();
}
