//! The few registers of a virtio device that crate `virtio-drivers` keeps to itself: what an interrupt handler needs, and
//! whether there is a link.

use tock_registers::interfaces::{Readable, Writeable};
use tock_registers::register_structs;
use tock_registers::registers::{ReadOnly, WriteOnly};

/// Where the machine has devices, each its own page.
const FIRST: usize = 0x1000_1000;
/// What one device's registers take.
pub const SIZE: usize = 0x1000;
/// How many places there are.
const PLACES: u32 = 8;
/// The interrupt's source of the first; the others follow.
const FIRST_SOURCE: u32 = 1;
/// The type of a network device.
const NETWORK: u32 = 1;

register_structs! {
    Registers {
        (0x000 => _magic_and_version),
        (0x008 => device: ReadOnly<u32>),
        (0x00c => _setup),
        (0x060 => interrupts: ReadOnly<u32>),
        (0x064 => acknowledge: WriteOnly<u32>),
        (0x068 => _more_setup),
        /// Here a network device has its address, which is 6 bytes.
        (0x100 => _address),
        /// Bit 0 is the link.
        (0x106 => status: ReadOnly<u16>),
        (0x108 => @END),
    }
}

/// A place where there is a network device.
#[derive(Clone, Copy)]
pub struct Place(u32);

impl Place {
    /// The first there is.
    pub fn find() -> Option<Self> {
        (0..PLACES).map(Self).find(|place| place.registers().device.get() == NETWORK)
    }

    /// Whose interrupt's source it is, if any device's.
    pub fn of_source(source: u32) -> Option<Self> {
        let place = source.checked_sub(FIRST_SOURCE).filter(|place| *place < PLACES)?;
        Some(Self(place)).filter(|place| place.registers().device.get() == NETWORK)
    }

    /// The interrupt's source.
    pub fn source(self) -> u32 {
        FIRST_SOURCE + self.0
    }

    /// Where its registers are.
    pub fn address(self) -> usize {
        FIRST + self.0 as usize * SIZE
    }

    fn registers(self) -> &'static Registers {
        // SAFETY: there are `PLACES` of them, whether or not there is a device behind; the registers are only accessed as
        // volatile.
        unsafe { &*(self.address() as *const Registers) }
    }

    /// Takes its interrupts back.
    pub fn take_interrupts(self) {
        let registers = self.registers();
        registers.acknowledge.set(registers.interrupts.get());
    }

    /// Whether it has a link.
    pub fn has_link(self) -> bool {
        self.registers().status.get() & 1 != 0
    }
}
