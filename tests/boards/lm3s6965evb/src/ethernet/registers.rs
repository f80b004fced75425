//! The registers of the Ethernet controller, by its data sheet's names.

use tock_registers::registers::{ReadOnly, ReadWrite};
use tock_registers::{register_bitfields, register_structs};

register_bitfields! { u32,
    /// Cleared by writing ones.
    pub INTERRUPT [
        /// Received data was lost for want of room.
        RX_OVERRUN OFFSET(3) NUMBITS(1) [],
        /// What was to be sent has been.
        TX_EMPTY OFFSET(2) NUMBITS(1) [],
        TX_ERROR OFFSET(1) NUMBITS(1) [],
        /// A frame was received.
        RX OFFSET(0) NUMBITS(1) [],
    ],
    pub RX_CONTROL [
        /// Forget what was received.
        RESET OFFSET(4) NUMBITS(1) [],
        /// Leave out frames whose check sequence is wrong.
        REJECT_BAD OFFSET(3) NUMBITS(1) [],
        ALL_MULTICAST OFFSET(1) NUMBITS(1) [],
        ON OFFSET(0) NUMBITS(1) [],
    ],
    pub TX_CONTROL [
        FULL_DUPLEX OFFSET(4) NUMBITS(1) [],
        /// Add the check sequence.
        CHECK OFFSET(2) NUMBITS(1) [],
        /// Make short frames longer.
        PAD OFFSET(1) NUMBITS(1) [],
        ON OFFSET(0) NUMBITS(1) [],
    ],
    pub TX_REQUEST [
        /// Send what was written; stays until it has been sent.
        NEW OFFSET(0) NUMBITS(1) [],
    ],
}

register_structs! {
    /// The controller as the processor sees it.
    pub Registers {
        /// Which interrupts there would be, masked or not; writing acknowledges.
        (0x00 => pub interrupts: ReadWrite<u32, INTERRUPT::Register>),
        /// Which are let in.
        (0x04 => pub mask: ReadWrite<u32, INTERRUPT::Register>),
        (0x08 => pub rx_control: ReadWrite<u32, RX_CONTROL::Register>),
        (0x0c => pub tx_control: ReadWrite<u32, TX_CONTROL::Register>),
        /// What was received is read here, and what is to be sent is written.
        (0x10 => pub data: ReadWrite<u32>),
        (0x14 => pub address_low: ReadWrite<u32>),
        (0x18 => pub address_high: ReadWrite<u32>),
        /// From how much on a frame is sent that is not yet whole; all ones mean never.
        (0x1c => pub threshold: ReadWrite<u32>),
        (0x20 => _management),
        /// How many frames were received and not read.
        (0x34 => pub frames: ReadOnly<u32>),
        (0x38 => pub tx_request: ReadWrite<u32, TX_REQUEST::Register>),
        (0x3c => @END),
    }
}
