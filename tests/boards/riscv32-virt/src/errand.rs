//! The software interrupt, for tests to run something in.

use crate::clint;
use everloop_board_common::Errand;
use riscv::interrupt::Interrupt;

static ERRAND: Errand = Errand::new();

/// Has an interrupt handler run `f`, and comes back when it has.
///
/// # Panics
///
/// If the interrupt does not come: before [`init`](crate::init), in a critical section, and in a handler.
pub fn in_interrupt(f: fn()) {
    ERRAND.run(f, clint::raise_soft);
}

#[riscv_rt::core_interrupt(Interrupt::MachineSoft)]
fn machine_soft() {
    clint::clear_soft();
    ERRAND.on_interrupt();
}
