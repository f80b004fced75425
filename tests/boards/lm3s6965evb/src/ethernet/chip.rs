//! What the controller can be told to do. Nothing here waits without a bound.

use super::registers::*;
use critical_section::with as masked;
use tock_registers::interfaces::{ReadWriteable, Readable, Writeable};

/// A set of interrupts.
pub type Events = tock_registers::fields::FieldValue<u32, INTERRUPT::Register>;

/// The words of the controller's memory for what is received: 2 KiB, which in QEMU's model each of 31 frames has.
const RX_WORDS: usize = 31 * 512;
/// An address for a controller that was given none; locally administered.
const SPARE_ADDRESS: [u8; 6] = [0x02, 0x00, 0x00, 0x69, 0x65, 0x01];
/// Ahead of a received frame, its length; behind it, its check sequence.
const AROUND: usize = 2 + 4;
/// A destination, a source and a type, which a frame's length does not count when it is sent.
const HEADER: usize = 14;

/// What the controller says of the frame that is next.
pub enum Received {
    /// A frame of this length, without the check sequence. Its first two bytes came with the length.
    Frame(usize, [u8; 2]),
    /// A frame to be skipped, of so many more words.
    Faulty(usize),
    /// No frame has that length: we are not where a frame begins.
    Nonsense,
}

fn registers() -> &'static Registers {
    // SAFETY: the controller's registers, which have a clock since `system_control::start`; before that nobody comes
    // here. They are only accessed as volatile.
    unsafe { &*(0x4004_8000 as *const Registers) }
}

/// Lets the controller run without interrupts, with the address that it has; gives it.
pub fn start() -> [u8; 6] {
    let chip = registers();
    chip.mask.set(0);
    let [a, b, c, d] = chip.address_low.get().to_le_bytes();
    let [e, f, ..] = chip.address_high.get().to_le_bytes();
    let given = [a, b, c, d, e, f];
    let address = if given != [0; 6] && a & 1 == 0 { given } else { SPARE_ADDRESS };
    let [a, b, c, d, e, f] = address;
    chip.address_low.set(u32::from_le_bytes([a, b, c, d]));
    chip.address_high.set(u32::from_le_bytes([e, f, 0, 0]));
    chip.threshold.set(0x3f);
    let how = TX_CONTROL::FULL_DUPLEX::SET + TX_CONTROL::CHECK::SET + TX_CONTROL::PAD::SET;
    chip.tx_control.write(TX_CONTROL::ON::SET + how);
    forget_received();
    address
}

/// Receives from here on, and has forgotten what was received before.
pub fn forget_received() {
    let chip = registers();
    // In QEMU's model, whoever waits to send to us until there is room goes on only when the last frame has been read,
    // and not at a reset.
    for _ in 0..RX_WORDS {
        if !has_received() {
            break;
        }
        chip.data.get();
    }
    let how = RX_CONTROL::REJECT_BAD::SET + RX_CONTROL::ALL_MULTICAST::SET;
    chip.rx_control.write(RX_CONTROL::RESET::SET);
    chip.rx_control.write(RX_CONTROL::ON::SET + how);
    chip.interrupts.write(INTERRUPT::RX_OVERRUN::SET);
}

/// Forgets that some things happened, and lets events interrupt. Whoever calls it then has to look whether there is
/// still something to wait for.
pub fn arm(forget: Events, events: Events) {
    masked(|_| {
        registers().interrupts.write(forget);
        registers().mask.modify(events);
    });
}

/// Whether any of these happened.
pub fn happened(events: Events) -> bool {
    registers().interrupts.any_matching_bits_set(events)
}

/// The interrupts that are up. The line follows its causes, and these may take long to go away, so they are barred
/// until they are armed anew.
pub fn take_interrupts() -> u32 {
    masked(|_| {
        let armed = registers().mask.get();
        let up = registers().interrupts.get() & armed;
        registers().mask.set(armed & !up);
        up
    })
}

/// Whether anything was received.
pub fn has_received() -> bool {
    registers().frames.get() & 0x3f != 0
}

/// What was received first, if there is anything.
pub fn next_frame() -> Option<Received> {
    if !has_received() {
        return None;
    }
    let [low, high, first, second] = registers().data.get().to_le_bytes();
    let len = usize::from(u16::from_le_bytes([low, high]));
    Some(match len {
        ..7 | 2049.. => Received::Nonsense,
        _ if (HEADER..=super::MTU).contains(&(len - AROUND)) => {
            Received::Frame(len - AROUND, [first, second])
        }
        _ => Received::Faulty(len.div_ceil(4) - 1),
    })
}

/// Reads the rest of a frame into a buffer that has room for the check sequence too, and for a whole number of words.
pub fn read_frame(buffer: &mut [u8], len: usize, first: [u8; 2]) {
    let (begin, rest) = buffer.split_at_mut(2);
    begin.copy_from_slice(&first);
    for word in rest[..(len - 2 + 4).next_multiple_of(4)].chunks_exact_mut(4) {
        word.copy_from_slice(&registers().data.get().to_le_bytes());
    }
}

/// Reads a frame for nothing.
pub fn skip_frame(words: usize) {
    for _ in 0..words {
        registers().data.get();
    }
}

/// Whether a frame could be sent now: there is memory for one.
pub fn has_room() -> bool {
    !registers().tx_request.is_set(TX_REQUEST::NEW)
}

/// Sends a frame, for which there must be room; the controller adds what a short one lacks, and the check sequence. One
/// without a whole header is none, and is not sent.
pub fn send_frame(frame: &[u8]) {
    let chip = registers();
    let (Some(len), Some((first, rest))) = (frame.len().checked_sub(HEADER), frame.split_at_checked(2))
    else {
        return;
    };
    let [low, high] = (len as u16).to_le_bytes();
    chip.data.set(u32::from_le_bytes([low, high, first[0], first[1]]));
    let (words, rest) = rest.as_chunks::<4>();
    for word in words {
        chip.data.set(u32::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        chip.data.set(u32::from_le_bytes(last));
    }
    chip.tx_request.write(TX_REQUEST::NEW::SET);
}
