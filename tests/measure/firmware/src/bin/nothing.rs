//! The board, with its clock and its network chip, and nothing that runs on it.
#![no_std]
#![no_main]

use everloop_board_mps2_an385 as board;

#[board::entry]
fn main() -> ! {
    board::init();
    loop {
        board::sleep_unless(|| false);
    }
}
