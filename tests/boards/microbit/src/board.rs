//! The board as a whole.

use crate::interrupts::Interrupt;
use crate::{stack, time};
use cortex_m::peripheral::NVIC;
use everloop_board_cortex_m::Singleton;

/// What the board has to give: for now only that it runs.
#[non_exhaustive]
pub struct Board {}

static INITIALISED: Singleton<()> = Singleton::new(());

/// Starts the clock and lets its interrupts in. They run at the highest priority, as after reset.
///
/// # Panics
///
/// At a second call.
pub fn init() -> Board {
    INITIALISED.take().expect("the board is initialised once");
    stack::paint();
    time::start();
    for interrupt in [Interrupt::TIMER0, Interrupt::TIMER1, Interrupt::SWI0] {
        // SAFETY: no critical section is built on masking these.
        unsafe { NVIC::unmask(interrupt) };
    }
    Board {}
}
