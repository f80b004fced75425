use core::array;
use core::cell::{Cell, RefCell};
use core::fmt;
use core::mem::MaybeUninit;
use core::task::{Context, Waker};

use embassy_net_driver::Driver;
use everloop_core::{Event, Instant};
use smoltcp::iface::{self, SocketSet, SocketStorage};
use smoltcp::phy::DeviceCapabilities;
use smoltcp::socket::tcp::{Socket, SocketBuffer};
use smoltcp::wire::HardwareAddress;
use static_cell::ConstStaticCell;

use super::addressing::Addressing;
use super::binding::Binding;
use super::clock;
use super::config::Config;
use super::device::{self, Outgoing};
#[cfg(feature = "dhcpv4")]
use super::dhcp::Dhcp;
use super::error::StartError;
use super::interface::Interface;
use super::runner::Runner;
use super::slot::Slot;
use super::stack::{Shared, Stack};

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
    #[cfg(feature = "dhcpv4")]
    dhcp: MaybeUninit<[SocketStorage<'static>; 1]>,
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
                #[cfg(feature = "dhcpv4")]
                dhcp: MaybeUninit::uninit(),
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
        // smoltcp has no answer for `Ip`.
        if address != HardwareAddress::Ip && !address.is_unicast() {
            return Err(StartError::InvalidHardware);
        }
        config.check(address, &capabilities)?;
        let Memory {
            rx,
            tx,
            sockets,
            slots,
            bindings,
            #[cfg(feature = "dhcpv4")]
            dhcp,
            shared,
        } = self.memory.try_take().ok_or(StartError::AlreadyStarted)?;

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
        let addressing = Addressing::new(
            config,
            address,
            #[cfg(feature = "dhcpv4")]
            Dhcp::new(dhcp.write([SocketStorage::EMPTY])),
            now,
        );
        let interface = Interface::new(stack, sockets, slots, capabilities, addressing, now);
        let shared = &*shared.write(Shared {
            interface: RefCell::new(interface),
            bindings,
            link_up: Event::new(),
            link_down: Event::new(),
            config_up: Event::new(),
            config_down: Event::new(),
            gone: Event::new(),
            servers: Cell::new(0),
            #[cfg(feature = "udp")]
            udp_signals: core::cell::OnceCell::new(),
        });
        shared.tell();
        Ok((Stack { shared }, Runner::new(driver, shared)))
    }
}

fn socket(rx: &'static mut [u8], tx: &'static mut [u8], config: &Config) -> Socket<'static> {
    let mut socket = Socket::new(SocketBuffer::new(rx), SocketBuffer::new(tx));
    socket.set_nagle_enabled(false);
    socket.set_keep_alive(Some(clock::keep_alive(config)));
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
    iface::Interface::new(settings, &mut device, clock::to_smoltcp(now))
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
