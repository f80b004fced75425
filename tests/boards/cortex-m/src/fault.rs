//! Faults and unclaimed interrupts end the run.

use crate::console::Direct;
use core::fmt::Write;
use cortex_m_rt::{ExceptionFrame, exception};

/// The exit code after a fault.
const FAULTED: u32 = 102;

/// The other faults are not enabled and so arrive here too.
///
/// # Safety
///
/// Only the processor calls it.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    crate::flush();
    let (pc, lr, xpsr) = (frame.pc(), frame.lr(), frame.xpsr());
    let _ = writeln!(Direct, "HardFault at pc {pc:#010x}, lr {lr:#010x}, xpsr {xpsr:#010x}");
    crate::exit(FAULTED)
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
