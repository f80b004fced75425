//! The conformance suite on the emulated board lm3s6965evb.
#![no_std]
#![no_main]

use everloop_board_lm3s6965evb as board;

everloop_conformance::board_main!(board);
