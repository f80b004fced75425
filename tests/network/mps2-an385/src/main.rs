//! The network suite on the emulated board mps2-an385.
#![no_std]
#![no_main]

use everloop_board_mps2_an385 as board;

everloop_network_suite::board_main!(board, |board: board::Board| board.ethernet);
