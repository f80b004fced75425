//! The board as a whole.

use crate::interrupts::Interrupt;
use crate::lan9118::{Buffers, Lan9118};
use crate::leds::{self, Led};
use cortex_m::peripheral::NVIC;
use everloop_board_cortex_m::Singleton;

/// What the board has to give.
#[non_exhaustive]
pub struct Board {
    /// The Ethernet chip, up and running.
    pub ethernet: Lan9118,
    /// The LEDs.
    pub leds: [Led; 2],
}

static BUFFERS: Singleton<Buffers> = Singleton::new(Buffers::new());

/// Starts the clock and the network chip and lets their interrupts in, all at one priority: the highest, as after
/// reset.
///
/// # Panics
///
/// At a second call, and if the network chip does not answer.
pub fn init() -> Board {
    let buffers = BUFFERS.take().expect("the board is initialised once");
    crate::time::start();
    let ethernet = Lan9118::new(buffers).expect("a LAN9118 at 0x40200000 that comes out of reset");
    for interrupt in [Interrupt::TIMER0, Interrupt::TIMER1, Interrupt::ETHERNET, Interrupt::DUALTIMER] {
        // One may be pending from before its device was set up, which its handler bears.
        // SAFETY: no critical section is built on masking these.
        unsafe { NVIC::unmask(interrupt) };
    }
    Board { ethernet, leds: leds::leds() }
}
