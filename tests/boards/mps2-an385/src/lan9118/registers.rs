//! The registers of the LAN9118, by its data sheet's names; those of QEMU's model only, since it stops the emulator
//! at an access to any other.

use tock_registers::registers::{ReadOnly, ReadWrite, WriteOnly};
use tock_registers::{register_bitfields, register_structs};

register_bitfields! { u32,
    pub RX_STATUS [
        /// Filtered out; only seen in a mode that is not used here.
        FILTERING_FAIL OFFSET(30) NUMBITS(1) [],
        /// The frame's length with its check sequence.
        LENGTH OFFSET(16) NUMBITS(14) [],
        /// Any error of the frame: sum, length, collision.
        ERROR OFFSET(15) NUMBITS(1) [],
    ],
    pub IRQ_CFG [
        /// The pause between two interrupts, in 10 µs.
        DEASSERTION OFFSET(24) NUMBITS(8) [],
        ENABLE OFFSET(8) NUMBITS(1) [],
        ACTIVE_HIGH OFFSET(4) NUMBITS(1) [],
        PUSH_PULL OFFSET(0) NUMBITS(1) [],
    ],
    /// Cleared by writing ones.
    pub INTERRUPT [
        /// The link, by way of the PHY.
        PHY OFFSET(18) NUMBITS(1) [],
        RX_ERROR OFFSET(14) NUMBITS(1) [],
        TX_ERROR OFFSET(13) NUMBITS(1) [],
        /// There is more room for data to send than `FIFO_INT` says.
        TX_AVAILABLE OFFSET(9) NUMBITS(1) [],
        /// There are more received frames than `FIFO_INT` says.
        RX_LEVEL OFFSET(3) NUMBITS(1) [],
    ],
    pub FIFO_INT [
        /// In units of 64 bytes.
        TX_AVAILABLE OFFSET(24) NUMBITS(8) [],
        RX_STATUS OFFSET(0) NUMBITS(8) [],
    ],
    pub TX_CFG [
        /// Sending goes on although nobody reads how it went.
        STATUS_OVERRUN OFFSET(2) NUMBITS(1) [],
        ON OFFSET(1) NUMBITS(1) [],
    ],
    pub HW_CFG [
        /// Must be one.
        MBO OFFSET(20) NUMBITS(1) [],
        /// How much of the 16 KiB is for sending, in KiB.
        TX_FIFO OFFSET(16) NUMBITS(4) [],
        SOFT_RESET OFFSET(0) NUMBITS(1) [],
    ],
    pub RX_FIFO_INF [
        /// Frames.
        STATUSES OFFSET(16) NUMBITS(8) [],
        /// Data of these frames in bytes, each rounded up to words.
        BYTES OFFSET(0) NUMBITS(16) [],
    ],
    pub TX_FIFO_INF [
        STATUSES OFFSET(16) NUMBITS(8) [],
        /// Room for commands and data.
        FREE_BYTES OFFSET(0) NUMBITS(16) [],
    ],
    pub PMT_CTRL [
        READY OFFSET(0) NUMBITS(1) [],
    ],
    pub MAC_CSR_CMD [
        BUSY OFFSET(31) NUMBITS(1) [],
        READ OFFSET(30) NUMBITS(1) [],
        ADDRESS OFFSET(0) NUMBITS(8) [],
    ],
    pub E2P_CMD [
        BUSY OFFSET(31) NUMBITS(1) [],
    ],
}

register_bitfields! { u32,
    /// The words ahead of a frame's data; the second has the length once more.
    pub TX_A [
        FIRST OFFSET(13) NUMBITS(1) [],
        LAST OFFSET(12) NUMBITS(1) [],
        LENGTH OFFSET(0) NUMBITS(11) [],
    ],
    pub MAC_CR [
        /// No signal-quality test after sending.
        NO_HEARTBEAT OFFSET(28) NUMBITS(1) [],
        FULL_DUPLEX OFFSET(20) NUMBITS(1) [],
        /// Receive all multicasts.
        ALL_MULTICAST OFFSET(19) NUMBITS(1) [],
        TX OFFSET(3) NUMBITS(1) [],
        RX OFFSET(2) NUMBITS(1) [],
    ],
    pub MII_ACC [
        /// The one PHY there is has the address 1.
        PHY OFFSET(11) NUMBITS(5) [],
        REGISTER OFFSET(6) NUMBITS(5) [],
        WRITE OFFSET(1) NUMBITS(1) [],
        BUSY OFFSET(0) NUMBITS(1) [],
    ],
}

register_structs! {
    /// The chip as the processor sees it.
    pub Registers {
        (0x00 => pub rx_data: ReadOnly<u32>),
        (0x04 => _rx_data),
        (0x20 => pub tx_data: WriteOnly<u32>),
        (0x24 => _tx_data),
        (0x40 => pub rx_status: ReadOnly<u32, RX_STATUS::Register>),
        (0x44 => _rx_peek),
        (0x48 => pub tx_status: ReadOnly<u32>),
        (0x4c => _tx_peek),
        (0x54 => pub irq_cfg: ReadWrite<u32, IRQ_CFG::Register>),
        (0x58 => pub int_sts: ReadWrite<u32, INTERRUPT::Register>),
        (0x5c => pub int_en: ReadWrite<u32, INTERRUPT::Register>),
        (0x60 => _reserved),
        (0x64 => pub byte_test: ReadOnly<u32>),
        (0x68 => pub fifo_int: ReadWrite<u32, FIFO_INT::Register>),
        (0x6c => pub rx_cfg: ReadWrite<u32>),
        (0x70 => pub tx_cfg: ReadWrite<u32, TX_CFG::Register>),
        (0x74 => pub hw_cfg: ReadWrite<u32, HW_CFG::Register>),
        (0x78 => _rx_dp_ctrl),
        (0x7c => pub rx_fifo_inf: ReadOnly<u32, RX_FIFO_INF::Register>),
        (0x80 => pub tx_fifo_inf: ReadOnly<u32, TX_FIFO_INF::Register>),
        (0x84 => pub pmt_ctrl: ReadOnly<u32, PMT_CTRL::Register>),
        (0x88 => _gpio_and_timers),
        (0xa4 => pub mac_csr_cmd: ReadWrite<u32, MAC_CSR_CMD::Register>),
        (0xa8 => pub mac_csr_data: ReadWrite<u32>),
        (0xac => _afc_cfg),
        (0xb0 => pub e2p_cmd: ReadOnly<u32, E2P_CMD::Register>),
        (0xb4 => _e2p_data),
        (0xb8 => @END),
    }
}

/// The registers of the MAC, behind `MAC_CSR_CMD`.
pub mod mac {
    pub const CR: u32 = 1;
    pub const ADDRH: u32 = 2;
    pub const ADDRL: u32 = 3;
    pub const MII_ACC: u32 = 6;
    pub const MII_DATA: u32 = 7;
}

/// The registers of the PHY, behind the MAC's `MII_ACC`.
pub mod phy {
    pub const BASIC_CONTROL: u32 = 0;
    pub const BASIC_STATUS: u32 = 1;
    /// Reading it clears it.
    pub const INTERRUPT_SOURCE: u32 = 29;
    pub const INTERRUPT_MASK: u32 = 30;

    pub const CONTROL_LOOPBACK: u32 = 1 << 14;
    pub const CONTROL_NEGOTIATE: u32 = 1 << 12;
    pub const CONTROL_RESTART: u32 = 1 << 9;
    pub const STATUS_LINK: u32 = 1 << 2;
    pub const INTERRUPT_NEGOTIATED: u32 = 1 << 6;
    pub const INTERRUPT_DOWN: u32 = 1 << 4;
}
