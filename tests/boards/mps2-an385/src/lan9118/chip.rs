//! What the chip can be told to do. Nothing here waits without a bound.

use super::registers::*;
use critical_section::with as masked;
use tock_registers::interfaces::{ReadWriteable, Readable, Writeable};

/// A set of interrupts.
pub type Events = tock_registers::fields::FieldValue<u32, INTERRUPT::Register>;

/// How often a status is asked for that the chip should reach: some ten milliseconds at the chip's 165 ns a read,
/// where a reset takes microseconds and an access to the PHY thirty.
const PATIENCE: u32 = 100_000;
/// How the chip answers when it is one, awake, and connected the right way round.
const BYTE_TEST: u32 = 0x8765_4321;
/// The share of the 16 KiB that is for sending; the data sheet's own choice. 10560 bytes are left for what is
/// received, and 176 words to tell how.
const TX_KIB: u32 = 5;
/// The room there must be to send, in 64 bytes: the longest frame and the two words ahead of it.
const TX_ROOM: u32 = (super::FRAME_LEN as u32 + 8).div_ceil(64);
/// An address for a chip whose EEPROM has none; locally administered.
const SPARE_ADDRESS: [u8; 6] = [0x02, 0x00, 0x00, 0x03, 0x85, 0x01];

/// The chip did not come to the state it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck;

/// What the chip says of the frame that is next.
pub enum Received {
    /// A sound frame with this many bytes of data, without the check sequence.
    Frame(usize),
    /// A frame to be skipped, of this many words.
    Faulty(usize),
    /// More data than there is: the two queues of the chip have come apart.
    Nonsense,
}

fn registers() -> &'static Registers {
    // SAFETY: the chip's address on this board; its registers are only accessed as volatile.
    unsafe { &*(0x4020_0000 as *const Registers) }
}

fn patiently(mut done: impl FnMut() -> bool) -> Result<(), Stuck> {
    if (0..PATIENCE).any(|_| done()) { Ok(()) } else { Err(Stuck) }
}

/// Resets the chip and lets it run without interrupts. The chip's own address is taken unless one is given; gives
/// the address.
pub fn reset(address: Option<[u8; 6]>) -> Result<[u8; 6], Stuck> {
    let chip = registers();
    patiently(|| chip.byte_test.get() == BYTE_TEST && chip.pmt_ctrl.is_set(PMT_CTRL::READY))?;
    chip.hw_cfg.write(HW_CFG::SOFT_RESET::SET);
    patiently(|| !chip.hw_cfg.is_set(HW_CFG::SOFT_RESET))?;
    // It reads its address from the EEPROM.
    patiently(|| !chip.e2p_cmd.is_set(E2P_CMD::BUSY))?;
    chip.hw_cfg.write(HW_CFG::MBO::SET + HW_CFG::TX_FIFO.val(TX_KIB));
    chip.int_en.set(0);
    chip.int_sts.set(u32::MAX);
    // Received frames are data from the first byte on, and a single one is worth an interrupt.
    chip.rx_cfg.set(0);
    chip.fifo_int.write(FIFO_INT::TX_AVAILABLE.val(TX_ROOM) + FIFO_INT::RX_STATUS.val(0));
    chip.irq_cfg.write(IRQ_CFG::ENABLE::SET + IRQ_CFG::ACTIVE_HIGH::SET + IRQ_CFG::PUSH_PULL::SET);
    let address = match address {
        Some(address) => address,
        None => read_address()?,
    };
    let [a, b, c, d, e, f] = address;
    mac_write(mac::ADDRL, u32::from_le_bytes([a, b, c, d]))?;
    mac_write(mac::ADDRH, u32::from_le_bytes([e, f, 0, 0]))?;
    phy_write(phy::INTERRUPT_MASK, phy::INTERRUPT_NEGOTIATED | phy::INTERRUPT_DOWN)?;
    chip.tx_cfg.write(TX_CFG::ON::SET + TX_CFG::STATUS_OVERRUN::SET);
    let run = MAC_CR::TX::SET + MAC_CR::RX::SET;
    let how = MAC_CR::NO_HEARTBEAT::SET + MAC_CR::FULL_DUPLEX::SET + MAC_CR::ALL_MULTICAST::SET;
    mac_write(mac::CR, (run + how).value)?;
    Ok(address)
}

fn read_address() -> Result<[u8; 6], Stuck> {
    let [a, b, c, d] = mac_read(mac::ADDRL)?.to_le_bytes();
    let [e, f, ..] = mac_read(mac::ADDRH)?.to_le_bytes();
    let address = [a, b, c, d, e, f];
    // An empty EEPROM gives all ones, which like every multicast has the lowest bit set.
    let usable = address != [0; 6] && address[0] & 1 == 0;
    Ok(if usable { address } else { SPARE_ADDRESS })
}

/// Has the PHY find out what it is connected to.
pub fn negotiate() -> Result<(), Stuck> {
    phy_write(phy::BASIC_CONTROL, phy::CONTROL_NEGOTIATE | phy::CONTROL_RESTART)
}

/// Connects the PHY's output to its input, or to the line again.
pub fn set_loopback(on: bool) -> Result<(), Stuck> {
    let control = phy_read(phy::BASIC_CONTROL)?;
    let control = if on { control | phy::CONTROL_LOOPBACK } else { control & !phy::CONTROL_LOOPBACK };
    phy_write(phy::BASIC_CONTROL, control)
}

/// Whether the PHY has a link.
pub fn has_link() -> bool {
    // A lost link is told once even if it is back, so the first answer may be old.
    let _ = phy_read(phy::BASIC_STATUS);
    phy_read(phy::BASIC_STATUS).is_ok_and(|status| status & phy::STATUS_LINK != 0)
}

/// Lets the PHY report the next change of its link.
pub fn acknowledge_link() {
    let _ = phy_read(phy::INTERRUPT_SOURCE);
}

/// Forgets that some things happened, and lets events interrupt. Whoever calls it then has to look whether there is
/// still something to wait for.
pub fn arm(forget: Events, events: Events) {
    masked(|_| {
        registers().int_sts.write(forget);
        registers().int_en.modify(events);
    });
}

/// Whether all of these would interrupt: none has since they were armed.
pub fn is_armed(events: Events) -> bool {
    registers().int_en.matches_all(events)
}

/// Whether any of these happened.
pub fn happened(events: Events) -> bool {
    registers().int_sts.any_matching_bits_set(events)
}

/// The interrupts that are up. The line follows its causes, and these may take long to go away, so they are barred
/// until they are armed anew.
pub fn take_interrupts() -> u32 {
    masked(|_| {
        let armed = registers().int_en.get();
        let up = registers().int_sts.get() & armed;
        registers().int_en.set(armed & !up);
        up
    })
}

/// What was received first, if there is anything.
pub fn next_frame() -> Option<Received> {
    let chip = registers();
    let waiting = chip.rx_fifo_inf.extract();
    if waiting.read(RX_FIFO_INF::STATUSES) == 0 {
        return None;
    }
    let status = chip.rx_status.extract();
    let len = status.read(RX_STATUS::LENGTH) as usize;
    if len.next_multiple_of(4) > waiting.read(RX_FIFO_INF::BYTES) as usize {
        return Some(Received::Nonsense);
    }
    // A destination, a source and a type are the least that is a frame; the check sequence is not for us.
    let sound = !status.is_set(RX_STATUS::ERROR) && len >= 14 + 4 && len - 4 <= super::MTU;
    Some(if sound { Received::Frame(len - 4) } else { Received::Faulty(len.div_ceil(4)) })
}

/// Whether anything was received.
pub fn has_received() -> bool {
    registers().rx_fifo_inf.read(RX_FIFO_INF::STATUSES) != 0
}

/// Reads a frame into a buffer of a whole number of words that has room for the check sequence too.
pub fn read_frame(buffer: &mut [u8], len: usize) {
    for word in buffer[..(len + 4).next_multiple_of(4)].chunks_exact_mut(4) {
        word.copy_from_slice(&registers().rx_data.get().to_le_bytes());
    }
}

/// Reads a frame for nothing. The chip has a faster way, `RX_DP_CTRL`, but not for short frames, and in QEMU's model
/// it leaves the frame's room taken for ever.
pub fn skip_frame(words: usize) {
    for _ in 0..words {
        registers().rx_data.get();
    }
}

/// Whether the longest frame could be sent now.
pub fn has_room() -> bool {
    let chip = registers();
    // How it went is of no interest, but is kept until somebody has read it.
    for _ in 0..chip.tx_fifo_inf.read(TX_FIFO_INF::STATUSES) {
        chip.tx_status.get();
    }
    chip.tx_fifo_inf.read(TX_FIFO_INF::FREE_BYTES) > TX_ROOM * 64
}

/// Sends a frame, for which there must be room; the chip adds what a short one lacks, and the check sequence.
pub fn send_frame(frame: &[u8]) {
    let chip = registers();
    let len = frame.len() as u32;
    // An empty frame would make the chip wait for data that never comes.
    if len == 0 {
        return;
    }
    chip.tx_data.set((TX_A::FIRST::SET + TX_A::LAST::SET + TX_A::LENGTH.val(len)).value);
    chip.tx_data.set(len);
    let (words, rest) = frame.as_chunks::<4>();
    for word in words {
        chip.tx_data.set(u32::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        chip.tx_data.set(u32::from_le_bytes(last));
    }
}

fn mac_command(command: tock_registers::fields::FieldValue<u32, MAC_CSR_CMD::Register>) -> Result<(), Stuck> {
    let chip = registers();
    chip.mac_csr_cmd.write(command + MAC_CSR_CMD::BUSY::SET);
    patiently(|| !chip.mac_csr_cmd.is_set(MAC_CSR_CMD::BUSY))
}

fn mac_read(register: u32) -> Result<u32, Stuck> {
    mac_command(MAC_CSR_CMD::READ::SET + MAC_CSR_CMD::ADDRESS.val(register))?;
    Ok(registers().mac_csr_data.get())
}

fn mac_write(register: u32, value: u32) -> Result<(), Stuck> {
    registers().mac_csr_data.set(value);
    mac_command(MAC_CSR_CMD::READ::CLEAR + MAC_CSR_CMD::ADDRESS.val(register))
}

fn phy_command(register: u32, write: u32) -> Result<(), Stuck> {
    let command = MII_ACC::PHY.val(1) + MII_ACC::REGISTER.val(register) + MII_ACC::BUSY::SET;
    mac_write(mac::MII_ACC, (command + MII_ACC::WRITE.val(write)).value)?;
    patiently(|| !mac_read(mac::MII_ACC).is_ok_and(|value| MII_ACC::BUSY.is_set(value)))
}

fn phy_read(register: u32) -> Result<u32, Stuck> {
    phy_command(register, 0)?;
    mac_read(mac::MII_DATA)
}

fn phy_write(register: u32, value: u32) -> Result<(), Stuck> {
    mac_write(mac::MII_DATA, value)?;
    phy_command(register, 1)
}
