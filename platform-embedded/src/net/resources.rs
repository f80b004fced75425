use core::array;
use core::cell::RefCell;
use core::fmt;
use core::mem::MaybeUninit;
use core::net::Ipv4Addr;
use core::task::{Context, Waker};

use embassy_net_driver::Driver;
use everloop_core::{Event, Instant};
use smoltcp::iface::{self, SocketSet, SocketStorage};
use smoltcp::phy::DeviceCapabilities;
use smoltcp::socket::tcp::{Socket, SocketBuffer};
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, Ipv4Cidr};
use static_cell::ConstStaticCell;

use super::binding::Binding;
use super::clock;
use super::config::Config;
use super::device::{self, Outgoing};
use super::error::StartError;
use super::interface::Interface;
use super::runner::Runner;
use super::slot::Slot;
use super::stack::{Shared, Stack};

/// The least that IPv4 asks of a link, without the link's own header.
const LEAST_MTU: usize = 68;

/// All memory of a network stack: room for `N` connections, each with a buffer of `RX` bytes for what was received and
/// not yet read, and one of `TX` bytes for what was written and not yet acknowledged. For a `static`, of all zeros.
///
/// A buffer of less than about 1500 bytes makes for small packets; the speed of a connection is at most one buffer's
/// worth in the time a packet takes to the peer and back.
pub struct Resources<const N: usize, const RX: usize, const TX: usize> {
    memory: ConstStaticCell<Memory<N, RX, TX>>,
}

/// What is not zero at the start stays uninitialized until then, so that all of it is in `.bss` and takes no flash.
struct Memory<const N: usize, const RX: usize, const TX: usize> {
    rx: [[u8; RX]; N],
    tx: [[u8; TX]; N],
    sockets: MaybeUninit<[SocketStorage<'static>; N]>,
    slots: MaybeUninit<[Slot; N]>,
    bindings: MaybeUninit<[Binding; N]>,
    shared: MaybeUninit<Shared>,
}

impl<const N: usize, const RX: usize, const TX: usize> Resources<N, RX, TX> {
    /// Memory that serves no stack yet.
    pub const fn new() -> Self {
        const { assert!(N > 0 && RX > 0 && TX > 0, "a stack needs connections, and they need buffers") };
        Self {
            memory: ConstStaticCell::new(Memory {
                rx: [[0; RX]; N],
                tx: [[0; TX]; N],
                sockets: MaybeUninit::uninit(),
                slots: MaybeUninit::uninit(),
                bindings: MaybeUninit::uninit(),
                shared: MaybeUninit::uninit(),
            }),
        }
    }

    /// Starts a stack on this memory. Nothing moves until the [`Runner`] runs, as a task.
    ///
    /// # Errors
    /// It was started before, or the configuration or the driver don't make sense.
    pub fn start<D: Driver>(
        &'static self,
        mut driver: D,
        config: Config,
    ) -> Result<(Stack, Runner<D>), StartError> {
        let address =
            device::hardware_address(driver.hardware_address()).ok_or(StartError::InvalidHardware)?;
        let capabilities = device::capabilities(&driver, address);
        check(&config, address, &capabilities)?;
        let Memory { rx, tx, sockets, slots, bindings, shared } =
            self.memory.try_take().ok_or(StartError::AlreadyStarted)?;

        let now = Instant::try_now().unwrap_or(Instant::from_ticks(0));
        let stack = interface(&mut driver, address, &capabilities, &config, now);
        let mut sockets = SocketSet::new(&mut sockets.write([const { SocketStorage::EMPTY }; N])[..]);
        let mut buffers = rx.iter_mut().zip(tx);
        let slots = slots.write(array::from_fn(|_| {
            // There are N of each.
            let Some((rx, tx)) = buffers.next() else { unreachable!() };
            Slot::new(sockets.add(socket(rx, tx, &config)))
        }));
        let bindings = bindings.write([const { Binding::new() }; N]);
        let interface = Interface::new(stack, sockets, slots, capabilities, config, now);
        let shared =
            shared.write(Shared { interface: RefCell::new(interface), bindings, link: Event::new() });
        Ok((Stack { shared }, Runner::new(driver, shared)))
    }
}

fn socket(rx: &'static mut [u8], tx: &'static mut [u8], config: &Config) -> Socket<'static> {
    let mut socket = Socket::new(SocketBuffer::new(rx), SocketBuffer::new(tx));
    socket.set_nagle_enabled(false);
    socket.set_keep_alive(Some(clock::span(config.timeout) / 4));
    socket
}

fn interface(
    driver: &mut impl Driver,
    address: HardwareAddress,
    capabilities: &DeviceCapabilities,
    config: &Config,
    now: Instant,
) -> iface::Interface {
    let mut settings = iface::Config::new(address);
    settings.random_seed = config.seed;
    // smoltcp asks it for its capabilities only.
    let mut device =
        Outgoing { driver, cx: &mut Context::from_waker(Waker::noop()), capabilities, full: false };
    let mut interface = iface::Interface::new(settings, &mut device, clock::to_smoltcp(now));
    interface.update_ip_addrs(|addresses| {
        // There is room for two.
        let _ = addresses.push(IpCidr::new(IpAddress::Ipv4(config.address), config.prefix));
    });
    if let Some(gateway) = config.gateway {
        // There is room for two.
        let _ = interface.routes_mut().add_default_ipv4_route(gateway);
    }
    interface
}

fn check(
    config: &Config,
    address: HardwareAddress,
    capabilities: &DeviceCapabilities,
) -> Result<(), StartError> {
    // smoltcp has no answer for `Ip`.
    if address != HardwareAddress::Ip && !address.is_unicast() {
        return Err(StartError::InvalidHardware);
    }
    let header = if matches!(address, HardwareAddress::Ip) { 0 } else { 14 };
    if capabilities.max_transmission_unit < LEAST_MTU + header {
        return Err(StartError::InvalidMtu);
    }
    let single =
        |ip: Ipv4Addr| !(ip.is_unspecified() || ip.is_broadcast() || ip.is_multicast() || ip.is_loopback());
    if !single(config.address) || config.prefix > 32 {
        return Err(StartError::InvalidAddress);
    }
    let network = Ipv4Cidr::new(config.address, config.prefix);
    if network.broadcast() == Some(config.address) {
        return Err(StartError::InvalidAddress);
    }
    match config.gateway {
        Some(gateway) if gateway == config.address || !single(gateway) => Err(StartError::InvalidGateway),
        // Its hardware address can only be asked for in the own network.
        Some(gateway) if address != HardwareAddress::Ip && !network.contains_addr(&gateway) => {
            Err(StartError::InvalidGateway)
        }
        _ => Ok(()),
    }
}

impl<const N: usize, const RX: usize, const TX: usize> Default for Resources<N, RX, TX> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, const RX: usize, const TX: usize> fmt::Debug for Resources<N, RX, TX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources").field("connections", &N).field("rx", &RX).field("tx", &TX).finish()
    }
}
