//! The conformance suite on the emulated board mps2-an386.
#![no_std]
#![no_main]

use everloop_board_mps2_an385 as board;

everloop_conformance::board_main!(board);
