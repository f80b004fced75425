//! Tests this board and its drivers, in QEMU.
#![no_std]
#![no_main]

use cortex_m::peripheral::NVIC;
use everloop_board_microbit::selftest::{Outcome, Report, clock};
use everloop_board_microbit::{Interrupt, clock_wraps, ensure, entry, in_interrupt, init, untouched_stack};

#[entry]
fn main() -> ! {
    init();
    let mut report = Report::from_command_line();
    let hooks = clock::Board {
        wraps: clock_wraps,
        early_alarm: || {
            NVIC::pend(Interrupt::TIMER1);
            // By when it has come.
            cortex_m::asm::isb();
        },
        in_interrupt,
    };
    clock::run(&mut report, &hooks);
    report.test("stack::use_is_noticed", stack_use_is_noticed);
    report.finish()
}

/// Goes so deep that what was never used before is.
#[inline(never)]
fn dive(levels: u32) -> u32 {
    let room = core::hint::black_box([levels; 16]);
    if levels == 0 { room[0] } else { dive(levels - 1) + core::hint::black_box(room)[1] }
}

fn stack_use_is_noticed() -> Outcome {
    let before = untouched_stack();
    ensure!((1000..16 * 1024).contains(&before), "{before} bytes were never used");
    dive(40);
    let after = untouched_stack();
    // Each level has at least its array.
    ensure!(after < before && after > 0, "{after} bytes after {before} were never used");
    Ok(())
}
