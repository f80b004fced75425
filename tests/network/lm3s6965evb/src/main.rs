//! The network suite on the emulated board lm3s6965evb.
#![no_std]
#![no_main]

use everloop_board_lm3s6965evb as board;

everloop_network_suite::board_main!(board, |board: board::Board| board.ethernet);
