//! QEMU's virtio network device, as an `embassy_net_driver::Driver`, by crate `virtio-drivers` without an allocator.
//!
//! The device reads and writes our memory, and has most of the buffers to receive into. Its interrupt says that it has
//! given some back, and so only wakes; whoever then finds nothing leaves a waker and looks once more, so that what comes in
//! between is seen by one or the other.

mod buffers;
mod memory;
mod registers;

use buffers::{Buffers, COUNT, Tokens};
use core::ptr::NonNull;
use core::sync::atomic::{Ordering, fence};
use core::task::Context;
use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};
use everloop_board_common::{Singleton, WakerSlot};
use memory::Machine;
use registers::{Place, SIZE};
use virtio_drivers::device::net::VirtIONetRaw;
use virtio_drivers::transport::mmio::MmioTransport;

/// The longest frame without its check sequence.
const MTU: usize = 1514;
/// A destination, a source and a type.
const HEADER: usize = 14;

static RECEIVER: WakerSlot = WakerSlot::new();
static SENDER: WakerSlot = WakerSlot::new();
static LINK: WakerSlot = WakerSlot::new();

static BUFFERS: Singleton<(Buffers, Buffers)> = Singleton::new((Buffers::new(), Buffers::new()));
/// Half a kilobyte that wants to lie at whole 16 bytes, which would be asked of each task that has a driver.
static DEVICE: Singleton<Option<Device>> = Singleton::new(None);

type Device = VirtIONetRaw<Machine, MmioTransport<'static>, COUNT>;

/// A frame that has come: its buffer, and where in it.
#[derive(Clone, Copy)]
struct Received {
    buffer: usize,
    start: usize,
    end: usize,
    /// The buffer may go back to the device.
    done: bool,
}

/// The network device. Its three sides, receiving, sending and the link, remember one waker each.
///
/// Invariant: the device has each buffer of `rx` but that of `received`, and of `tx` those that are not `free`. It has been
/// lent them by `receive_begin` and `transmit_begin`, as the tokens say; both ends of a loan are only in this file.
pub struct VirtioNet {
    device: &'static mut Device,
    place: Place,
    rx: &'static Buffers,
    rx_tokens: Tokens,
    received: Option<Received>,
    tx: Sending,
    skipped: u32,
}

struct Sending {
    buffers: &'static Buffers,
    tokens: Tokens,
    free: [bool; COUNT],
}

impl VirtioNet {
    /// Sets the first network device up, if the machine has one; the caller lets its interrupt in.
    ///
    /// # Panics
    ///
    /// At a second call, and if the device does not agree to be used.
    pub(crate) fn find() -> Option<Self> {
        let place = Place::find()?;
        let header = NonNull::new(place.address() as *mut _)?;
        // SAFETY: the registers of a virtio device, which are always there and so long; besides ours of the registers that
        // the transport does not use without being asked.
        let transport = unsafe { MmioTransport::new(header, SIZE) }.expect("a virtio device");
        let device = Device::new(transport).expect("a network device with room for its queues");
        let (rx, tx) = BUFFERS.take().expect("the device is set up once");
        let device = DEVICE.take().expect("the device is set up once").insert(device);
        let tx = Sending { buffers: tx, tokens: Tokens::new(), free: [true; COUNT] };
        let mut net = Self { device, place, rx, rx_tokens: Tokens::new(), received: None, tx, skipped: 0 };
        (0..COUNT).for_each(|index| net.lend(index));
        Some(net)
    }

    /// The interrupt's source.
    pub(crate) fn source(&self) -> u32 {
        self.place.source()
    }

    /// The device's MAC address.
    pub fn address(&self) -> [u8; 6] {
        self.device.mac_address()
    }

    /// How many frames were received that were too short or too long.
    pub fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Gives the device a buffer to receive into, which it does not have.
    fn lend(&mut self, index: usize) {
        // SAFETY: by the type's invariant the buffer is not the device's, and from here on it is, until it is given back.
        let token = unsafe { self.device.receive_begin(self.rx.get(index)) };
        // The queue has a place for each buffer.
        self.rx_tokens.note(token.expect("a place for each buffer"), index);
    }

    /// The frame that came first, if any.
    fn fetch(&mut self) -> Option<Received> {
        if let Some(received) = self.received {
            if !received.done {
                return Some(received);
            }
            self.received = None;
            self.lend(received.buffer);
        }
        while let Some(token) = self.device.poll_receive() {
            let buffer = self.rx_tokens.buffer(token);
            // SAFETY: the buffer that the token stands for, which the device gives back here.
            let got = unsafe { self.device.receive_complete(token, self.rx.get(buffer)) };
            match got {
                Ok((start, len)) if (HEADER..=MTU).contains(&len) => {
                    let received = Received { buffer, start, end: start + len, done: false };
                    self.received = Some(received);
                    return Some(received);
                }
                _ => {
                    self.skipped += 1;
                    self.lend(buffer);
                }
            }
        }
        None
    }

    /// Takes back what was sent. Whether there is a buffer for another frame.
    fn reap(&mut self) -> bool {
        let Sending { buffers, tokens, free } = &mut self.tx;
        while let Some(token) = self.device.poll_transmit() {
            let index = tokens.buffer(token);
            // SAFETY: the buffer that the token stands for, which the device gives back here.
            let sent = unsafe { self.device.transmit_complete(token, buffers.get(index)) };
            free[index] = sent.is_ok();
        }
        free.contains(&true)
    }

    /// Whether a frame could be sent; if not, the waker will be woken.
    fn has_room(&mut self, cx: &mut Context<'_>) -> bool {
        self.reap() || {
            SENDER.register(cx.waker());
            look_again();
            self.reap()
        }
    }
}

/// What we told the device so far, it sees before we look once more.
fn look_again() {
    fence(Ordering::SeqCst);
}

impl Driver for VirtioNet {
    type RxToken<'a> = RxToken<'a>;
    type TxToken<'a> = TxToken<'a>;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(RxToken<'_>, TxToken<'_>)> {
        if self.fetch().is_none() {
            RECEIVER.register(cx.waker());
            look_again();
            self.fetch()?;
        }
        // A frame waits until there is room for an answer.
        if !self.has_room(cx) {
            return None;
        }
        let received = self.received.as_mut()?;
        // SAFETY: the buffer of `received` is ours, by the type's invariant, and the token borrows all of us.
        let buffer = unsafe { self.rx.get(received.buffer) };
        Some((RxToken { buffer, received }, TxToken { device: &mut *self.device, tx: &mut self.tx }))
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<TxToken<'_>> {
        if self.has_room(cx) { Some(TxToken { device: &mut *self.device, tx: &mut self.tx }) } else { None }
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        LINK.register(cx.waker());
        if self.place.has_link() { LinkState::Up } else { LinkState::Down }
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = MTU;
        capabilities.max_burst_size = Some(COUNT - 1);
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(self.address())
    }
}

/// A received frame; it is received again if the token is dropped.
pub struct RxToken<'a> {
    buffer: &'a mut [u8],
    received: &'a mut Received,
}

impl embassy_net_driver::RxToken for RxToken<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
        // The device gets the buffer when the next frame is asked for.
        self.received.done = true;
        f(&mut self.buffer[self.received.start..self.received.end])
    }
}

/// Room for a frame to send.
pub struct TxToken<'a> {
    device: &'a mut Device,
    tx: &'a mut Sending,
}

impl embassy_net_driver::TxToken for TxToken<'_> {
    /// What has no whole header is not sent.
    ///
    /// # Panics
    ///
    /// If the frame is to be longer than the capabilities allow.
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        assert!(len <= MTU, "a frame of {len} bytes is more than this network carries");
        let Sending { buffers, tokens, free } = self.tx;
        let index = free.iter().position(|free| *free).expect("a token is made when there is room");
        // SAFETY: a free buffer is ours, by the invariant of `VirtioNet`, which the token borrows.
        let buffer = unsafe { buffers.get(index) };
        let start = self.device.fill_buffer_header(buffer).expect("room for the header");
        let result = f(&mut buffer[start..start + len]);
        // It would be no frame, and QEMU does not go on with a device that was to send nothing.
        if len < HEADER {
            return result;
        }
        free[index] = false;
        // SAFETY: the buffer is marked as the device's, and so is not touched until it is given back.
        let token = unsafe { self.device.transmit_begin(&buffer[..start + len]) };
        tokens.note(token.expect("a place for each buffer"), index);
        result
    }
}

/// False if that source is no network device.
pub(crate) fn on_interrupt(source: u32) -> bool {
    let Some(place) = Place::of_source(source) else { return false };
    // Acknowledged first: what comes from here on interrupts again.
    place.take_interrupts();
    RECEIVER.wake();
    SENDER.wake();
    LINK.wake();
    true
}
