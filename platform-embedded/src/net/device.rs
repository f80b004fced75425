//! What smoltcp takes for its device: a frame that came, or the driver's room for frames that go.

use core::task::Context;

use embassy_net_driver::{self as driver, Driver, HardwareAddress as DriverAddress};
use smoltcp::phy::{Checksum, Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, HardwareAddress};

/// One frame that came, with room for one answer. That a frame is not fetched by smoltcp but handed to it lets us look
/// at it first.
pub(super) struct Incoming<'f, T> {
    tokens: Option<(Frame<'f>, Room<T>)>,
    capabilities: &'f DeviceCapabilities,
}

impl<'f, T: driver::TxToken> Incoming<'f, T> {
    pub(super) fn new(frame: &'f [u8], room: T, capabilities: &'f DeviceCapabilities) -> Self {
        Self { tokens: Some((Frame(frame), Room(room))), capabilities }
    }
}

impl<'f, T: driver::TxToken> Device for Incoming<'f, T> {
    type RxToken<'a>
        = Frame<'f>
    where
        Self: 'a;
    type TxToken<'a>
        = Room<T>
    where
        Self: 'a;

    fn receive(&mut self, _: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        self.tokens.take()
    }

    fn transmit(&mut self, _: Instant) -> Option<Self::TxToken<'_>> {
        None
    }

    fn capabilities(&self) -> DeviceCapabilities {
        self.capabilities.clone()
    }
}

/// The way out.
pub(super) struct Outgoing<'a, 'c, D> {
    pub(super) driver: &'a mut D,
    /// Whose waker the driver wakes when there is room again.
    pub(super) cx: &'a mut Context<'c>,
    pub(super) capabilities: &'a DeviceCapabilities,
    /// Set when the driver had no room.
    pub(super) full: bool,
}

#[cfg(feature = "slaac")]
impl<D: Driver> Outgoing<'_, '_, D> {
    /// Room for a frame that smoltcp does not make.
    pub(super) fn driver_room(&mut self) -> Option<D::TxToken<'_>> {
        let room = self.driver.transmit(self.cx);
        self.full |= room.is_none();
        room
    }
}

impl<D: Driver> Device for Outgoing<'_, '_, D> {
    type RxToken<'a>
        = Frame<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Room<D::TxToken<'a>>
    where
        Self: 'a;

    fn receive(&mut self, _: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        None
    }

    fn transmit(&mut self, _: Instant) -> Option<Self::TxToken<'_>> {
        let room = self.driver.transmit(self.cx);
        self.full |= room.is_none();
        room.map(Room)
    }

    fn capabilities(&self) -> DeviceCapabilities {
        self.capabilities.clone()
    }
}

pub(super) struct Frame<'f>(&'f [u8]);

impl RxToken for Frame<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

pub(super) struct Room<T>(T);

impl<T: driver::TxToken> TxToken for Room<T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        self.0.consume(len, f)
    }
}

/// The driver's own address, if it is for a medium we know.
pub(super) fn hardware_address(address: DriverAddress) -> Option<HardwareAddress> {
    match address {
        DriverAddress::Ethernet(bytes) => Some(HardwareAddress::Ethernet(EthernetAddress(bytes))),
        DriverAddress::Ip => Some(HardwareAddress::Ip),
        _ => None,
    }
}

/// What the driver can do, as smoltcp says it.
pub(super) fn capabilities(driver: &impl Driver, address: HardwareAddress) -> DeviceCapabilities {
    let from = driver.capabilities();
    let mut to = DeviceCapabilities::default();
    to.medium = if address == HardwareAddress::Ip { Medium::Ip } else { Medium::Ethernet };
    to.max_transmission_unit = from.max_transmission_unit;
    to.max_burst_size = from.max_burst_size;
    to.checksum.ipv4 = checksum(from.checksum.ipv4);
    to.checksum.tcp = checksum(from.checksum.tcp);
    to.checksum.udp = checksum(from.checksum.udp);
    to.checksum.icmpv4 = checksum(from.checksum.icmpv4);
    to
}

fn checksum(from: driver::Checksum) -> Checksum {
    match from {
        driver::Checksum::Both => Checksum::Both,
        driver::Checksum::Rx => Checksum::Rx,
        driver::Checksum::Tx => Checksum::Tx,
        driver::Checksum::None => Checksum::None,
    }
}
