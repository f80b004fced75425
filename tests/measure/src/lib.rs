//! How many instructions the primitives take on bare metal, and for how many of them interrupts stay masked.
//!
//! A program of this kind runs in QEMU with `-icount shift=0`, where an instruction takes a nanosecond, so that every
//! number is the same each time. It prints lines that begin with `row `, which `cargo xtask bench` makes tables of and
//! `cargo xtask test` looks at:
//!
//! ```text
//! row GROUP|NAME|KEY=NUMBER KEY=NUMBER ...
//! ```
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

mod board;
mod elapsed;
mod fresh;
mod handed;
mod inspect;
mod interrupt_queue;
mod masked;
mod meter;
#[cfg(feature = "recorder")]
mod recorder;
mod rows;

pub use board::Board;
#[doc(hidden)]
pub use everloop_board_common::{command_line, exit};

/// The `main` of a measuring program: the groups in the words of its command line, or all.
///
/// `$board` is the board's crate: it brings `entry`, `init`, `in_interrupt` and `metronome`.
#[macro_export]
macro_rules! measure_main {
    ($board:ident) => {
        #[$board::entry]
        fn main() -> ! {
            let _board = $board::init();
            $crate::run(&$crate::Board {
                in_interrupt: $board::in_interrupt,
                metronome: $board::metronome::start,
                stop: $board::metronome::stop,
                grain: $board::metronome::GRAIN,
            })
        }
    };
}

/// Measures what the command line asks for, and leaves.
pub fn run(board: &Board) -> ! {
    meter::start();
    elapsed::check(board);
    let mut line = [0; 256];
    // The first word is the program's name; the second, if there is one, is a group.
    let group = command_line(&mut line).and_then(|line| line.split(' ').nth(1)).unwrap_or("");
    let wanted = |name: &str| group.is_empty() || group == name;
    if wanted("masked") {
        masked::run(board);
    }
    if wanted("interrupt-queue") {
        interrupt_queue::run(board);
    }
    if wanted("inspect") {
        inspect::run();
    }
    exit(0)
}
