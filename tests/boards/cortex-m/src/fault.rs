//! Faults and unclaimed interrupts end the run.

use cortex_m_rt::{ExceptionFrame, exception};
use everloop_board_common::{FAULTED, fatal};

/// The other faults are not enabled and so arrive here too.
///
/// # Safety
///
/// Only the processor calls it.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    let (pc, lr, xpsr) = (frame.pc(), frame.lr(), frame.xpsr());
    fatal(FAULTED, format_args!("HardFault at pc {pc:#010x}, lr {lr:#010x}, xpsr {xpsr:#010x}"))
}

/// An interrupt without a handler would otherwise be an endless loop, and the run a timeout that says nothing.
///
/// # Safety
///
/// Only the processor calls it.
#[exception]
unsafe fn DefaultHandler(number: i16) {
    panic!("no handler for interrupt {number}");
}
