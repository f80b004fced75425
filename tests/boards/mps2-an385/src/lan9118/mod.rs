//! The LAN9118 Ethernet chip, as an `embassy_net_driver::Driver`.
//!
//! The chip has its own memory, so that there is nothing to be done in its interrupt but to wake: frames are read and
//! written word by word when the network stack asks. An interrupt's cause is barred in the handler and armed again by
//! whoever finds nothing to do, who then looks once more: what comes in between is seen by one or the other.

mod chip;
mod registers;

use crate::interrupts::Interrupt as interrupt;
use chip::{Events, Received, Stuck};
use core::task::Context;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};
use everloop_board_cortex_m::{RxToken, TxToken, WakerSlot};
use registers::INTERRUPT;

/// The longest frame without its check sequence.
const MTU: usize = 1514;
/// A buffer's length: whole words, with room for the check sequence.
const FRAME_LEN: usize = 1536;
/// How many faulty frames are skipped before others get their turn.
const SKIPS: u32 = 16;
/// How many of the longest frames the chip stores before it loses some.
const BURST: usize = 6;

static RECEIVER: WakerSlot = WakerSlot::new();
static SENDER: WakerSlot = WakerSlot::new();
static LINK: WakerSlot = WakerSlot::new();

fn rx_events() -> Events {
    INTERRUPT::RX_LEVEL::SET + INTERRUPT::RX_ERROR::SET
}

fn tx_events() -> Events {
    INTERRUPT::TX_AVAILABLE::SET + INTERRUPT::TX_ERROR::SET
}

#[repr(align(4))]
struct Frame([u8; FRAME_LEN]);

/// A frame each way.
pub struct Buffers {
    rx: Frame,
    tx: Frame,
}

impl Buffers {
    pub(crate) const fn new() -> Self {
        Self { rx: Frame([0; FRAME_LEN]), tx: Frame([0; FRAME_LEN]) }
    }
}

enum Fetched {
    /// There is a frame in the buffer.
    Frame,
    /// There is none in the chip.
    Nothing,
    /// Many frames were skipped, and there may be more.
    TooMany,
}

/// The network chip. Its three sides, receiving, sending and the link, remember one waker each.
pub struct Lan9118 {
    buffers: &'static mut Buffers,
    /// The length of the frame in the buffer; 0 if there is none.
    received: usize,
    address: [u8; 6],
    link: LinkState,
    skipped: u32,
    resets: u32,
    /// It did not come out of a reset: it is left alone, and has no link for ever.
    broken: bool,
}

impl Lan9118 {
    /// Sets the chip up; the caller lets its interrupt in.
    pub(crate) fn new(buffers: &'static mut Buffers) -> Result<Self, Stuck> {
        let address = chip::reset(None)?;
        chip::negotiate()?;
        Ok(Self {
            buffers,
            received: 0,
            address,
            link: LinkState::Down,
            skipped: 0,
            resets: 0,
            broken: false,
        })
    }

    /// The chip's MAC address.
    pub fn address(&self) -> [u8; 6] {
        self.address
    }

    /// How many frames were received that were too short, too long or damaged.
    pub fn skipped(&self) -> u32 {
        self.skipped
    }

    /// How often the chip had to be reset because it reported an error.
    pub fn resets(&self) -> u32 {
        self.resets
    }

    /// Has the chip receive what it sends, for tests; until then and after, it is connected to the line.
    pub fn set_loopback(&mut self, on: bool) {
        // If the PHY does not answer there will be no frames either way.
        let _ = chip::set_loopback(on);
    }

    /// What the chip holds is lost, as frames may be.
    fn recover(&mut self) {
        self.resets += 1;
        self.broken = chip::reset(Some(self.address)).is_err();
        // The reset took back what they had armed.
        RECEIVER.wake();
        SENDER.wake();
        LINK.wake();
    }

    /// Reads the next sound frame into the buffer, unless there is one already.
    fn fetch(&mut self) -> Fetched {
        if self.received > 0 {
            return Fetched::Frame;
        }
        if self.broken {
            return Fetched::Nothing;
        }
        if chip::happened(INTERRUPT::RX_ERROR::SET) {
            self.recover();
            return Fetched::Nothing;
        }
        for _ in 0..SKIPS {
            match chip::next_frame() {
                None => return Fetched::Nothing,
                Some(Received::Frame(len)) => {
                    chip::read_frame(&mut self.buffers.rx.0, len);
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
        if !self.broken && chip::happened(INTERRUPT::TX_ERROR::SET) {
            self.recover();
        }
        if self.broken {
            return false;
        }
        if chip::has_room() {
            return true;
        }
        SENDER.register(cx.waker());
        chip::arm(INTERRUPT::TX_AVAILABLE::SET, tx_events());
        chip::has_room()
    }

    /// A few bytes more than the longest frame are let pass, with which a receiver can be tested.
    fn tx_token(buffer: &mut Frame) -> TxToken<'_> {
        TxToken::new(&mut buffer.0, chip::send_frame)
    }
}

impl Driver for Lan9118 {
    type RxToken<'a> = RxToken<'a>;
    type TxToken<'a> = TxToken<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(RxToken<'_>, TxToken<'_>)> {
        let mut fetched = self.fetch();
        if matches!(fetched, Fetched::Nothing) {
            if self.broken {
                return None;
            }
            RECEIVER.register(cx.waker());
            // An error is not forgotten: it lasts until the chip is reset.
            chip::arm(INTERRUPT::RX_LEVEL::SET, rx_events());
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
        Some((RxToken::new(&mut rx.0, &mut self.received), Self::tx_token(tx)))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<TxToken<'_>> {
        self.has_room(cx).then(|| Self::tx_token(&mut self.buffers.tx))
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        if self.broken {
            return LinkState::Down;
        }
        LINK.register(cx.waker());
        // To ask the PHY takes long, so it is asked only after it reported a change.
        if !chip::is_armed(INTERRUPT::PHY::SET) {
            chip::acknowledge_link();
            chip::arm(INTERRUPT::PHY::SET, INTERRUPT::PHY::SET);
            self.link = if chip::has_link() { LinkState::Up } else { LinkState::Down };
        }
        self.link
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
    for (events, waiter) in [(rx_events(), &RECEIVER), (tx_events(), &SENDER), (INTERRUPT::PHY::SET, &LINK)] {
        if events.any_matching_bits_set(up) {
            waiter.wake();
        }
    }
}
