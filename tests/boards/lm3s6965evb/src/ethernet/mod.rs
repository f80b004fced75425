//! The chip's Ethernet controller, as an `embassy_net_driver::Driver`.
//!
//! The controller has its own memory, so that there is nothing to be done in its interrupt but to wake: frames are read
//! and written word by word when the network stack asks. An interrupt's cause is barred in the handler and armed again
//! by whoever finds nothing to do, who then looks once more: what comes in between is seen by one or the other.

mod chip;
mod registers;

use crate::interrupts::Interrupt as interrupt;
use chip::{Events, Received};
use core::task::Context;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};
use everloop_board_cortex_m::{RxToken, TxToken, WakerSlot};
use registers::INTERRUPT;

/// The longest frame without its check sequence.
const MTU: usize = 1514;
/// A buffer's length: the longest frame, its check sequence and the rest of the last word.
const FRAME_LEN: usize = 1524;
/// How many faulty frames are skipped before others get their turn.
const SKIPS: u32 = 16;
/// How many of the longest frames the controller stores before it loses some.
const BURST: usize = 1;

static RECEIVER: WakerSlot = WakerSlot::new();
static SENDER: WakerSlot = WakerSlot::new();

fn rx_events() -> Events {
    INTERRUPT::RX::SET + INTERRUPT::RX_OVERRUN::SET
}

fn tx_events() -> Events {
    INTERRUPT::TX_EMPTY::SET + INTERRUPT::TX_ERROR::SET
}

/// A frame each way.
pub struct Buffers {
    rx: [u8; FRAME_LEN],
    tx: [u8; MTU],
}

impl Buffers {
    pub(crate) const fn new() -> Self {
        Self { rx: [0; FRAME_LEN], tx: [0; MTU] }
    }
}

enum Fetched {
    /// There is a frame in the buffer.
    Frame,
    /// There is none in the controller.
    Nothing,
    /// Many frames were skipped, and there may be more.
    TooMany,
}

/// The Ethernet controller. Its two sides, receiving and sending, remember one waker each.
pub struct Ethernet {
    buffers: &'static mut Buffers,
    /// The length of the frame in the buffer; 0 if there is none.
    received: usize,
    address: [u8; 6],
    skipped: u32,
    resets: u32,
}

impl Ethernet {
    /// Sets the controller up, which must have its clock; the caller lets its interrupt in.
    pub(crate) fn new(buffers: &'static mut Buffers) -> Self {
        Self { buffers, received: 0, address: chip::start(), skipped: 0, resets: 0 }
    }

    /// The controller's MAC address.
    pub fn address(&self) -> [u8; 6] {
        self.address
    }

    /// How many frames were received that were too short or too long.
    pub fn skipped(&self) -> u32 {
        self.skipped
    }

    /// How often all that was received had to be forgotten, because some was lost or made no sense.
    pub fn resets(&self) -> u32 {
        self.resets
    }

    /// What the controller holds is lost, as frames may be.
    fn recover(&mut self) {
        self.resets += 1;
        chip::forget_received();
    }

    /// Reads the next sound frame into the buffer, unless there is one already.
    fn fetch(&mut self) -> Fetched {
        if self.received > 0 {
            return Fetched::Frame;
        }
        if chip::happened(INTERRUPT::RX_OVERRUN::SET) {
            self.recover();
        }
        for _ in 0..SKIPS {
            match chip::next_frame() {
                None => return Fetched::Nothing,
                Some(Received::Frame(len, first)) => {
                    chip::read_frame(&mut self.buffers.rx, len, first);
                    self.received = len;
                    return Fetched::Frame;
                }
                Some(Received::Faulty(words)) => {
                    chip::skip_frame(words);
                    self.skipped += 1;
                }
                Some(Received::Nonsense) => {
                    self.recover();
                    return Fetched::Nothing;
                }
            }
        }
        Fetched::TooMany
    }

    /// Whether a frame could be sent; if not, the waker will be woken.
    fn has_room(&mut self, cx: &mut Context<'_>) -> bool {
        if chip::has_room() {
            return true;
        }
        SENDER.register(cx.waker());
        chip::arm(tx_events(), tx_events());
        chip::has_room()
    }

    fn tx_token(frame: &mut [u8]) -> TxToken<'_> {
        TxToken::new(frame, chip::send_frame)
    }
}

impl Driver for Ethernet {
    type RxToken<'a> = RxToken<'a>;
    type TxToken<'a> = TxToken<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(RxToken<'_>, TxToken<'_>)> {
        let mut fetched = self.fetch();
        if matches!(fetched, Fetched::Nothing) {
            RECEIVER.register(cx.waker());
            // An overrun is not forgotten: it lasts until it was seen to.
            chip::arm(INTERRUPT::RX::SET, rx_events());
            if !chip::has_received() {
                return None;
            }
            fetched = self.fetch();
        }
        if !matches!(fetched, Fetched::Frame) {
            // Faulty frames do not hold up the rest of the program: we are polled again, which is also due if what
            // came after all was skipped, since its interrupt may have come and gone.
            cx.waker().wake_by_ref();
            return None;
        }
        // A frame must be answered from the same buffers; it waits in ours until there is room.
        if !self.has_room(cx) {
            return None;
        }
        let Buffers { rx, tx } = self.buffers;
        Some((RxToken::new(rx, &mut self.received), Self::tx_token(tx)))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<TxToken<'_>> {
        self.has_room(cx).then(|| Self::tx_token(&mut self.buffers.tx))
    }

    /// Always up: QEMU's model has no PHY that could be asked.
    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = MTU;
        capabilities.max_burst_size = Some(BURST);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address)
    }
}

#[cortex_m_rt::interrupt]
fn ETHERNET() {
    let up = chip::take_interrupts();
    for (events, waiter) in [(rx_events(), &RECEIVER), (tx_events(), &SENDER)] {
        if events.any_matching_bits_set(up) {
            waiter.wake();
        }
    }
}
