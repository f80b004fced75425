//! An interrupt for tests to run something in: one that the chip has for software alone.

use crate::interrupts::{Interrupt, Interrupt as interrupt};
use cortex_m::peripheral::NVIC;
use everloop_board_cortex_m::Errand;

static ERRAND: Errand = Errand::new();

/// Has an interrupt handler run `f`, and comes back when it has.
///
/// # Panics
///
/// If the interrupt does not come: before [`init`](crate::init), in a critical section, and in a handler.
pub fn in_interrupt(f: fn()) {
    ERRAND.run(f, || NVIC::pend(Interrupt::SWI0));
}

#[cortex_m_rt::interrupt]
fn SWI0() {
    ERRAND.on_interrupt();
}
