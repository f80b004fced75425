//! The board as a whole.

use crate::ethernet::{Buffers, Ethernet};
use crate::interrupts::Interrupt;
use crate::{system_control, time};
use cortex_m::Peripherals;
use cortex_m::peripheral::NVIC;
use everloop_board_cortex_m::Singleton;

/// What the board has to give.
#[non_exhaustive]
pub struct Board {
    /// The Ethernet controller, up and running.
    pub ethernet: Ethernet,
}

static BUFFERS: Singleton<Buffers> = Singleton::new(Buffers::new());

/// Starts the clock, for which it takes the processor's own timer, and the Ethernet controller, and lets their interrupts
/// in. They run at the highest priority, as after reset.
///
/// # Panics
///
/// At a second call.
pub fn init() -> Board {
    let buffers = BUFFERS.take().expect("the board is initialised once");
    // SAFETY: of all that is stolen only the timer is used, once; it is this crate's, as `init` says.
    let Peripherals { SYST, .. } = unsafe { Peripherals::steal() };
    system_control::start();
    time::start(SYST);
    let ethernet = Ethernet::new(buffers);
    for interrupt in [Interrupt::TIMER0A, Interrupt::ETHERNET, Interrupt::QEI0] {
        // SAFETY: no critical section is built on masking these.
        unsafe { NVIC::unmask(interrupt) };
    }
    Board { ethernet }
}
