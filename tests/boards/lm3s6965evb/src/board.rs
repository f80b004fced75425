//! The board as a whole.

use crate::interrupts::Interrupt;
use crate::{system_control, time};
use cortex_m::Peripherals;
use cortex_m::peripheral::NVIC;
use everloop_board_cortex_m::Singleton;

/// What the board has to give: for now only that it runs. (The chip's Ethernet controller has no driver yet.)
#[non_exhaustive]
pub struct Board {}

static INITIALISED: Singleton<()> = Singleton::new(());

/// Starts the clock, for which it takes the processor's own timer, and lets its interrupts in. They run at the highest
/// priority, as after reset.
///
/// # Panics
///
/// At a second call.
pub fn init() -> Board {
    INITIALISED.take().expect("the board is initialised once");
    // SAFETY: of all that is stolen only the timer is used, once; it is this crate's, as `init` says.
    let Peripherals { SYST, .. } = unsafe { Peripherals::steal() };
    system_control::start();
    time::start(SYST);
    for interrupt in [Interrupt::TIMER0A, Interrupt::QEI0] {
        // SAFETY: no critical section is built on masking these.
        unsafe { NVIC::unmask(interrupt) };
    }
    Board {}
}
