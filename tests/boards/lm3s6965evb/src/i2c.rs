//! The chip's I²C controller, as master: a byte, an interrupt, the next byte.

use core::fmt;

use crate::interrupts::Interrupt as interrupt;
use crate::{gpio, system_control};
use embedded_hal_async::i2c::{self, ErrorKind, ErrorType, NoAcknowledgeSource, Operation, SevenBitAddress};
use everloop_embedded::{Event, Shared, yield_now};
use tock_registers::fields::FieldValue;
use tock_registers::interfaces::{Readable, Writeable};
use tock_registers::registers::{Aliased, ReadWrite, WriteOnly};
use tock_registers::{register_bitfields, register_structs};

/// The bus's speed, at most.
const HZ: u32 = 100_000;
/// A period of the bus's clock is 20 of the controller's, each of so many of the chip's.
const DIVISOR: u32 = system_control::HZ.div_ceil(20 * HZ);

register_bitfields! { u32,
    ADDRESS [
        ADDRESS OFFSET(1) NUMBITS(7) [],
        READ OFFSET(0) NUMBITS(1) [],
    ],
    /// When read.
    STATUS [
        ARBITRATION_LOST OFFSET(4) NUMBITS(1) [],
        DATA_REFUSED OFFSET(3) NUMBITS(1) [],
        ADDRESS_REFUSED OFFSET(2) NUMBITS(1) [],
        /// One of those above, or several.
        ERROR OFFSET(1) NUMBITS(1) [],
        /// The others are not to be looked at.
        BUSY OFFSET(0) NUMBITS(1) [],
    ],
    /// When written.
    COMMAND [
        /// Acknowledge the byte that is received: more are wanted.
        ACKNOWLEDGE OFFSET(3) NUMBITS(1) [],
        STOP OFFSET(2) NUMBITS(1) [],
        START OFFSET(1) NUMBITS(1) [],
        /// Send or receive a byte.
        RUN OFFSET(0) NUMBITS(1) [],
    ],
    INTERRUPT [
        DONE OFFSET(0) NUMBITS(1) [],
    ],
    CONFIG [
        MASTER OFFSET(4) NUMBITS(1) [],
    ],
}

register_structs! {
    Registers {
        (0x00 => address: ReadWrite<u32, ADDRESS::Register>),
        (0x04 => control: Aliased<u32, STATUS::Register, COMMAND::Register>),
        (0x08 => data: ReadWrite<u32>),
        /// One less than the divisor.
        (0x0c => period: ReadWrite<u32>),
        (0x10 => interrupt_mask: ReadWrite<u32, INTERRUPT::Register>),
        (0x14 => _status),
        (0x1c => acknowledge: WriteOnly<u32, INTERRUPT::Register>),
        (0x20 => config: ReadWrite<u32, CONFIG::Register>),
        (0x24 => @END),
    }
}

fn chip() -> &'static Registers {
    // SAFETY: the controller's registers, which have a clock since `system_control::start`; before that nobody comes
    // here. They are only accessed as volatile.
    unsafe { &*(0x4002_0000 as *const Registers) }
}

/// What was ordered last has been done.
static DONE: Event<Shared> = Event::new();

/// Why a transfer failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Nobody answers at the address.
    AddressRefused,
    /// Who was written to takes no more.
    DataRefused,
    /// Another master has the bus. QEMU also says so when nobody answers at the address.
    ArbitrationLost,
    /// There is nothing to read or to write, and the controller can't just address a device.
    Empty,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AddressRefused => "no device answers at the address",
            Self::DataRefused => "the device takes no more bytes",
            Self::ArbitrationLost => "the bus is taken, or no device answers at the address",
            Self::Empty => "a transfer needs at least one byte",
        })
    }
}

impl core::error::Error for Error {}

impl i2c::Error for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::AddressRefused => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address),
            Self::DataRefused => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data),
            Self::ArbitrationLost => ErrorKind::ArbitrationLoss,
            Self::Empty => ErrorKind::Other,
        }
    }
}

/// The master of I²C bus 0.
///
/// Between reading and writing there is a stop and a start, and not only a start, which QEMU's controller does not know.
///
/// # Cancel safety
/// A transfer that is dropped may have been made in part. The next one ends it first.
#[derive(Debug)]
pub struct I2c {
    /// There was a start and no stop so far.
    open: bool,
}

impl I2c {
    /// The controller, up and running; the caller lets its interrupt in.
    pub(crate) fn new() -> Self {
        gpio::connect_i2c();
        chip().config.write(CONFIG::MASTER::SET);
        chip().period.set(DIVISOR - 1);
        chip().acknowledge.write(INTERRUPT::DONE::SET);
        chip().interrupt_mask.write(INTERRUPT::DONE::SET);
        Self { open: false }
    }

    /// Several reads, or several writes, that are one to the device.
    async fn transfer(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), Error> {
        let reads = operations.first().is_some_and(is_read);
        let mut left: usize = operations.iter().map(len).sum();
        let mut start = COMMAND::START::SET;
        // What to order for the next byte, and whether it is the last.
        let mut next = || {
            left -= 1;
            let end = if left == 0 { COMMAND::STOP::SET } else { COMMAND::ACKNOWLEDGE.val(reads.into()) };
            let command = COMMAND::RUN::SET + start + end;
            start = COMMAND::START::CLEAR;
            (command, left == 0)
        };
        self.end().await;
        let direction = if reads { ADDRESS::READ::SET } else { ADDRESS::READ::CLEAR };
        chip().address.write(ADDRESS::ADDRESS.val(address.into()) + direction);
        for operation in operations {
            match operation {
                Operation::Write(bytes) => {
                    for byte in *bytes {
                        chip().data.set((*byte).into());
                        let (command, last) = next();
                        self.order(command, last).await?;
                    }
                }
                Operation::Read(bytes) => {
                    for byte in bytes.iter_mut() {
                        let (command, last) = next();
                        self.order(command, last).await?;
                        *byte = chip().data.get() as u8;
                    }
                }
            }
        }
        Ok(())
    }

    /// Has the controller do something, and waits until it has.
    async fn order(&mut self, command: FieldValue<u32, COMMAND::Register>, last: bool) -> Result<(), Error> {
        DONE.clear();
        self.open = true;
        chip().control.write(command);
        // For a start that fails there is no interrupt in QEMU, and no delay either.
        if failure().is_none() {
            DONE.wait().await;
        }
        if let Some(error) = failure() {
            // Who lost the bus has nothing to end.
            self.open = error != Error::ArbitrationLost;
            self.end().await;
            return Err(error);
        }
        self.open = !last;
        Ok(())
    }

    /// Ends a transfer that broke off.
    async fn end(&mut self) {
        while chip().control.is_set(STATUS::BUSY) {
            yield_now().await;
        }
        if core::mem::take(&mut self.open) {
            chip().control.write(COMMAND::STOP::SET);
        }
    }
}

/// Why what was ordered last has failed, if it has.
fn failure() -> Option<Error> {
    let status = chip().control.extract();
    if status.is_set(STATUS::BUSY) || !status.is_set(STATUS::ERROR) {
        None
    } else if status.is_set(STATUS::ARBITRATION_LOST) {
        Some(Error::ArbitrationLost)
    } else if status.is_set(STATUS::ADDRESS_REFUSED) {
        Some(Error::AddressRefused)
    } else {
        Some(Error::DataRefused)
    }
}

fn is_read(operation: &Operation<'_>) -> bool {
    matches!(operation, Operation::Read(_))
}

fn len(operation: &Operation<'_>) -> usize {
    match operation {
        Operation::Read(bytes) => bytes.len(),
        Operation::Write(bytes) => bytes.len(),
    }
}

impl ErrorType for I2c {
    type Error = Error;
}

impl i2c::I2c<SevenBitAddress> for I2c {
    async fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), Error> {
        for run in operations.chunk_by_mut(|one, next| is_read(one) == is_read(next)) {
            if run.iter().map(len).sum::<usize>() == 0 {
                return Err(Error::Empty);
            }
            self.transfer(address, run).await?;
        }
        Ok(())
    }
}

#[cortex_m_rt::interrupt]
fn I2C0() {
    chip().acknowledge.write(INTERRUPT::DONE::SET);
    DONE.set();
}
