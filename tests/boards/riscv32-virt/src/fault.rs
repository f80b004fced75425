//! Exceptions and unclaimed interrupts end the run.

use everloop_board_common::{FAULTED, fatal};
use riscv::register::{mcause, mepc, mtval};
use riscv_rt::TrapFrame;

/// Every exception that riscv-rt has no other handler for, by its name.
#[unsafe(export_name = "ExceptionHandler")]
extern "C" fn exception(frame: &TrapFrame) -> ! {
    let (code, pc, value, ra) = (mcause::read().code(), mepc::read(), mtval::read(), frame.ra);
    fatal(FAULTED, format_args!("exception {code} at pc {pc:#010x}, ra {ra:#010x}, mtval {value:#010x}"))
}

/// An interrupt without a handler would otherwise be an endless loop, and the run a timeout that says nothing.
#[unsafe(export_name = "DefaultHandler")]
extern "C" fn interrupt() -> ! {
    panic!("no handler for interrupt {}", mcause::read().code());
}
