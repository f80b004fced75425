//! The measurements on the emulated board riscv32-virt.
#![no_std]
#![no_main]

use everloop_board_riscv32_virt as board;

everloop_measure::measure_main!(board);
