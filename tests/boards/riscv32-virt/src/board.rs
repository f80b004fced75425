//! The board as a whole.

use crate::{clint, time};
use everloop_board_common::Singleton;
use riscv::interrupt::{self, Interrupt};

/// What the board has to give: for now only that it runs.
#[non_exhaustive]
pub struct Board {}

static INITIALISED: Singleton<()> = Singleton::new(());

/// Starts the clock and lets its interrupt in, and the one that software raises.
///
/// # Panics
///
/// At a second call.
pub fn init() -> Board {
    INITIALISED.take().expect("the board is initialised once");
    time::start();
    clint::clear_soft();
    // SAFETY: no critical section is built on masking single interrupts, and this is not called in one: it would be
    // called for the second time.
    unsafe {
        interrupt::enable_interrupt(Interrupt::MachineTimer);
        interrupt::enable_interrupt(Interrupt::MachineSoft);
        interrupt::enable();
    }
    Board {}
}
