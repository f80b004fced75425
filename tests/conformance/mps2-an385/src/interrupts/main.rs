//! Loops in interrupt handlers, on a board whose interrupts preempt one another. Time is counted in instructions here, so
//! that it may be told to the tick.
#![no_std]
#![no_main]

mod load;
mod loops;
mod preemption;
mod queues;
mod submission;

use everloop_board_mps2_an385 as board;

use board::selftest::Report;

#[board::entry]
fn main() -> ! {
    board::init();
    let mut report = Report::from_command_line();
    loops::run(&mut report);
    load::run(&mut report);
    preemption::run(&mut report);
    queues::run(&mut report);
    submission::run(&mut report);
    report.finish()
}
