//! The network suite on the emulated board riscv32-virt.
#![no_std]
#![no_main]

use everloop_board_riscv32_virt as board;

everloop_network_suite::board_main!(board, |board: board::Board| board.ethernet.expect("a network device"));
