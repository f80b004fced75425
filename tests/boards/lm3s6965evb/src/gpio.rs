//! The chip's pins, as far as something is connected to them.

use core::convert::Infallible;
use core::fmt;

use crate::interrupts::Interrupt as interrupt;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin, StatefulOutputPin};
use everloop_embedded::{PinInterrupt, PinSignal, Trigger, WaitPin};
use tock_registers::interfaces::{Readable, Writeable};
use tock_registers::register_structs;
use tock_registers::registers::{ReadOnly, ReadWrite, WriteOnly};

register_structs! {
    /// A port: Arm's PL061 with TI's additions. Each pin has a bit of every register.
    Registers {
        /// A place for each set of pins: only those are read and written.
        (0x000 => data: [ReadWrite<u32>; 256]),
        /// Set for outputs.
        (0x400 => output: ReadWrite<u32>),
        /// Set for interrupts at levels; else they come at edges.
        (0x404 => at_levels: ReadWrite<u32>),
        (0x408 => at_both_edges: ReadWrite<u32>),
        /// Set for those that come at the rising edge alone, if not at both.
        (0x40c => at_rising_edge: ReadWrite<u32>),
        /// Set for interrupts that are let in.
        (0x410 => mask: ReadWrite<u32>),
        (0x414 => _raw),
        /// The interrupts that are up and let in.
        (0x418 => interrupts: ReadOnly<u32>),
        /// Acknowledges by ones.
        (0x41c => acknowledge: WriteOnly<u32>),
        /// Set for pins that another device of the chip has.
        (0x420 => alternate: ReadWrite<u32>),
        (0x424 => _strength),
        (0x50c => open_drain: ReadWrite<u32>),
        (0x510 => pull_up: ReadWrite<u32>),
        (0x514 => _pull_down),
        /// Set for pins that are in use at all.
        (0x51c => digital: ReadWrite<u32>),
        (0x520 => @END),
    }
}

/// The ports in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    B,
    E,
    F,
}

impl Port {
    fn registers(self) -> &'static Registers {
        let address = match self {
            Self::B => 0x4000_5000usize,
            Self::E => 0x4002_4000,
            Self::F => 0x4002_5000,
        };
        // SAFETY: the registers of a port, which has a clock since `system_control::start`; before that nobody comes
        // here. They are only accessed as volatile.
        unsafe { &*(address as *const Registers) }
    }
}

/// One pin.
#[derive(Clone, Copy, Debug)]
struct Pin {
    port: Port,
    bit: u32,
}

const LED: Pin = Pin { port: Port::F, bit: 1 << 0 };
/// Up, down, left, right, select; their signals are in the same order.
const BUTTONS: [Pin; 5] = [
    Pin { port: Port::E, bit: 1 << 0 },
    Pin { port: Port::E, bit: 1 << 1 },
    Pin { port: Port::E, bit: 1 << 2 },
    Pin { port: Port::E, bit: 1 << 3 },
    Pin { port: Port::F, bit: 1 << 1 },
];
/// Clock and data of I²C 0.
const I2C_CLOCK: Pin = Pin { port: Port::B, bit: 1 << 2 };
const I2C_DATA: Pin = Pin { port: Port::B, bit: 1 << 3 };

static SIGNALS: [PinSignal; BUTTONS.len()] = [const { PinSignal::new() }; BUTTONS.len()];

impl Pin {
    /// The one place that reads and writes just this pin.
    fn data(self) -> &'static ReadWrite<u32> {
        &self.port.registers().data[self.bit as usize]
    }

    fn is_high(self) -> bool {
        self.data().get() != 0
    }

    /// Sets or clears its bit in a register that it shares with other pins.
    fn set(self, register: fn(&Registers) -> &ReadWrite<u32>, on: bool) {
        let register = register(self.port.registers());
        critical_section::with(|_| {
            let others = register.get() & !self.bit;
            register.set(if on { others | self.bit } else { others });
        });
    }
}

/// A pin that drives something.
#[derive(Debug)]
pub struct Output(Pin);

impl ErrorType for Output {
    type Error = Infallible;
}

impl OutputPin for Output {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.data().set(0);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.data().set(self.0.bit);
        Ok(())
    }
}

impl StatefulOutputPin for Output {
    fn is_set_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is_high())
    }

    fn is_set_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.is_high())
    }
}

/// A pin that is only read.
#[derive(Debug)]
pub struct Input(Pin);

impl ErrorType for Input {
    type Error = Infallible;
}

impl InputPin for Input {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is_high())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.is_high())
    }
}

/// The interrupt of an [`Input`], at edges.
#[derive(Debug)]
pub struct InputInterrupt(Pin);

impl PinInterrupt for InputInterrupt {
    fn enable(&mut self, trigger: Trigger) {
        let Self(pin) = *self;
        let registers = pin.port.registers();
        if registers.mask.get() & pin.bit != 0 {
            // It is let in already, and what is up by now is for the handler to see.
            return;
        }
        // For a level any edge will do: who waits for it looks at the pin.
        pin.set(|port| &port.at_both_edges, !matches!(trigger, Trigger::Rising | Trigger::Falling));
        pin.set(|port| &port.at_rising_edge, trigger == Trigger::Rising);
        registers.acknowledge.set(pin.bit);
        pin.set(|port| &port.mask, true);
    }

    fn disable(&mut self) {
        self.0.set(|port| &port.mask, false);
    }
}

/// A button: low while it is pressed, and can be waited for.
pub type Button = WaitPin<Input, InputInterrupt>;

/// The board's buttons. In QEMU they are keys: the arrows, and the left Ctrl to select.
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Buttons {
    pub up: Button,
    pub down: Button,
    pub left: Button,
    pub right: Button,
    pub select: Button,
}

impl fmt::Debug for Buttons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buttons").finish_non_exhaustive()
    }
}

/// The status LED, off.
pub(crate) fn led() -> Output {
    LED.data().set(0);
    LED.set(|port| &port.output, true);
    LED.set(|port| &port.digital, true);
    Output(LED)
}

/// The buttons, whose interrupts the caller lets in.
pub(crate) fn buttons() -> Buttons {
    let [up, down, left, right, select] = core::array::from_fn(|index| {
        let pin = BUTTONS[index];
        pin.set(|port| &port.pull_up, true);
        pin.set(|port| &port.digital, true);
        WaitPin::new(Input(pin), InputInterrupt(pin), &SIGNALS[index])
    });
    Buttons { up, down, left, right, select }
}

/// Gives I²C 0 its pins.
pub(crate) fn connect_i2c() {
    for pin in [I2C_CLOCK, I2C_DATA] {
        pin.set(|port| &port.alternate, true);
        pin.set(|port| &port.digital, true);
    }
    I2C_DATA.set(|port| &port.open_drain, true);
}

/// Tells the signals of a port which edges there were.
fn on_interrupt(port: Port) {
    let registers = port.registers();
    let up = registers.interrupts.get();
    // Before the levels are looked at: an edge that comes after that has an interrupt of its own.
    registers.acknowledge.set(up);
    for (pin, signal) in BUTTONS.iter().zip(&SIGNALS) {
        if pin.port != port || up & pin.bit == 0 {
            continue;
        }
        let rising = match registers.at_both_edges.get() & pin.bit {
            0 => registers.at_rising_edge.get() & pin.bit != 0,
            // Of several edges it is the last that made the level.
            _ => pin.is_high(),
        };
        if rising {
            signal.rising();
        } else {
            signal.falling();
        }
    }
}

#[cortex_m_rt::interrupt]
fn GPIOE() {
    on_interrupt(Port::E);
}

#[cortex_m_rt::interrupt]
fn GPIOF() {
    on_interrupt(Port::F);
}
