//! Floating-point registers survive what preempts the code that uses them. The processor keeps them lazily: it makes room
//! as a handler begins, and stores them only when the handler's first floating-point instruction comes.
#![no_std]
#![no_main]

mod loops;
mod registers;

use everloop_board_mps2_an385 as board;

use board::selftest::Report;

#[board::entry]
fn main() -> ! {
    board::init();
    let mut report = Report::from_command_line();
    registers::run(&mut report);
    loops::run(&mut report);
    report.finish()
}
