//! The board's two LEDs.

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin, StatefulOutputPin};
use tock_registers::interfaces::{Readable, Writeable};
use tock_registers::registers::ReadWrite;

/// An LED: on while its pin is high.
#[derive(Debug)]
pub struct Led {
    bit: u32,
}

/// The two, off.
pub(crate) fn leds() -> [Led; 2] {
    register().set(0);
    [Led { bit: 1 << 0 }, Led { bit: 1 << 1 }]
}

/// A bit for each LED.
fn register() -> &'static ReadWrite<u32> {
    // SAFETY: the first register of the board's own inputs and outputs, always there; it is only accessed as volatile.
    unsafe { &*(0x4002_8000 as *const ReadWrite<u32>) }
}

impl Led {
    fn set(&mut self, on: bool) {
        critical_section::with(|_| {
            let other = register().get() & !self.bit;
            register().set(if on { other | self.bit } else { other });
        });
    }
}

impl ErrorType for Led {
    type Error = Infallible;
}

impl OutputPin for Led {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.set(true);
        Ok(())
    }
}

impl StatefulOutputPin for Led {
    fn is_set_high(&mut self) -> Result<bool, Infallible> {
        Ok(register().get() & self.bit != 0)
    }

    fn is_set_low(&mut self) -> Result<bool, Infallible> {
        Ok(register().get() & self.bit == 0)
    }
}
