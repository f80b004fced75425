//! The board as a whole.

use crate::ethernet::{Buffers, Ethernet};
use crate::gpio::{self, Buttons, Output};
use crate::i2c::I2c;
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
    /// The status LED, which is on while the pin is high.
    pub led: Output,
    /// The buttons.
    pub buttons: Buttons,
    /// The bus to which QEMU's `-device …,bus=i2c` connects.
    pub i2c: I2c,
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
    let board = Board {
        ethernet: Ethernet::new(buffers),
        led: gpio::led(),
        buttons: gpio::buttons(),
        i2c: I2c::new(),
    };
    for interrupt in [
        Interrupt::TIMER0A,
        Interrupt::ETHERNET,
        Interrupt::QEI0,
        Interrupt::GPIOE,
        Interrupt::GPIOF,
        Interrupt::I2C0,
    ] {
        // SAFETY: no critical section is built on masking these.
        unsafe { NVIC::unmask(interrupt) };
    }
    board
}
