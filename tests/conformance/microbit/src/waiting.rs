//! A part of the conformance suite on the emulated board microbit, of what 16 KiB have room for.
#![no_std]
#![no_main]

use everloop_board_microbit as board;

everloop_conformance::board_main!(
    board,
    modules ["event", "interrupt", "queue", "lock", "semaphore"],
    pool [12, 320],
    check board::ensure_stack
);
