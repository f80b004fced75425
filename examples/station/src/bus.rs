use core::fmt;

use embedded_hal_async::i2c::{Error, ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use everloop_core::{Duration, Instant, sleep};

use crate::thermometer::ADDRESS;

/// Nine clocks, for eight bits and the acknowledgement, at 100 kHz.
const BYTE_TIME: Duration = Duration::from_micros(90);

/// Why a transaction on the simulated bus failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusError {
    /// No device has this address.
    NoDevice(u8),
    /// The device has no such register.
    NoRegister(u8),
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDevice(address) => write!(f, "no device at {address:#04x} acknowledged"),
            Self::NoRegister(pointer) => write!(f, "the device refused {pointer:#04x}: no such register"),
        }
    }
}

impl core::error::Error for BusError {}

impl Error for BusError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::NoAcknowledge(match self {
            Self::NoDevice(_) => NoAcknowledgeSource::Address,
            Self::NoRegister(_) => NoAcknowledgeSource::Data,
        })
    }
}

/// A bus with one sensor at [`ADDRESS`], for programs without the hardware.
///
/// A transaction takes as long as on a bus of 100 kHz. What the sensor measures is a function of the loop's clock
/// alone, so that in virtual time every run is the same.
#[derive(Debug)]
pub struct SimulatedBus {
    /// The sensor's pointer: which register a read gives.
    pointer: u8,
    /// Temperature, configuration, low and high limit.
    registers: [u16; 4],
}

impl SimulatedBus {
    /// A bus whose sensor has just been powered on.
    pub const fn new() -> Self {
        Self { pointer: 0, registers: [0, 0x60A0, 0x4B00, 0x5000] }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), BusError> {
        let Some((&pointer, value)) = bytes.split_first() else { return Ok(()) };
        if usize::from(pointer) >= self.registers.len() {
            return Err(BusError::NoRegister(pointer));
        }
        self.pointer = pointer;
        // The temperature is read-only: a write to it is acknowledged and changes nothing.
        if let (1.., &[high, low, ..]) = (pointer, value) {
            self.registers[usize::from(pointer)] = u16::from_be_bytes([high, low]);
        }
        Ok(())
    }

    fn read(&mut self, target: &mut [u8]) {
        let millis = Instant::now().duration_since(Instant::from_ticks(0)).as_millis();
        self.registers[0] = weather(millis).cast_unsigned() << 4;
        let register = self.registers[usize::from(self.pointer)].to_be_bytes();
        for (byte, value) in target.iter_mut().zip(register.iter().cycle()) {
            *byte = *value;
        }
    }
}

impl Default for SimulatedBus {
    fn default() -> Self {
        Self::new()
    }
}

impl ErrorType for SimulatedBus {
    type Error = BusError;
}

impl I2c for SimulatedBus {
    async fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), BusError> {
        for operation in operations {
            // The address goes over the wire whether or not anyone answers, and again when the direction turns.
            sleep(BYTE_TIME).await;
            if address != ADDRESS {
                return Err(BusError::NoDevice(address));
            }
            let bytes = match operation {
                Operation::Read(target) => target.len(),
                Operation::Write(bytes) => bytes.len(),
            };
            sleep(BYTE_TIME * u32::try_from(bytes).unwrap_or(u32::MAX)).await;
            match operation {
                Operation::Read(target) => self.read(target),
                Operation::Write(bytes) => self.write(bytes)?,
            }
        }
        Ok(())
    }
}

/// Sixteenths of a degree at a time: a day that lasts an hour, from -8 to 24 degrees, with gusts and some noise.
fn weather(millis: u64) -> i16 {
    const DAY: u64 = 3_600_000;
    const GUST: u64 = 20_000;
    let day = triangle(millis % DAY, DAY, 512) - 128;
    let gust = triangle(millis % GUST, GUST, 24) - 12;
    // A few bits of a multiplicative hash of the tenth of a second.
    let noise = ((millis / 100).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 61) as i16 - 4;
    day + gust + noise
}

/// From 0 up to `height` and down again while `at` goes from 0 to `period`.
fn triangle(at: u64, period: u64, height: i16) -> i16 {
    let rising = at.min(period - at);
    // At most `height`, since `rising` is at most half the period.
    (rising * 2 * height.unsigned_abs() as u64 / period) as i16
}
