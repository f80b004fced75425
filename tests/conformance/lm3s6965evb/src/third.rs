//! A part of the conformance suite on the emulated board lm3s6965evb, whose flash does not hold all of it.
#![no_std]
#![no_main]

use everloop_board_lm3s6965evb as board;

everloop_conformance::board_main!(board, part 2 of 9);
