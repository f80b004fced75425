use core::cell::{Cell, RefCell};
use core::fmt;
use core::future::poll_fn;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::task::Poll;

use everloop_core::Event;
use everloop_core::net::Network;
use smoltcp::socket::tcp::State;

use super::address::Address;
use super::binding::Binding;
use super::config::Config;
use super::connection::TcpConnection;
use super::error::{Error, StartError};
use super::interface::Interface;
use super::listener::TcpListener;
use super::slot::Half;
use crate::log::log;

/// So many addresses an interface has at most: one of IPv4, one of the link, and one more of IPv6.
const ADDRESSES: usize = 3;

/// What the handles and the runner of one stack share.
pub(super) struct Shared {
    /// Borrowed for moments only, never across an await. Wakers are woken meanwhile: one that polls from inside `wake`,
    /// which no executor's does, would find it borrowed and panic.
    pub(super) interface: RefCell<Interface>,
    pub(super) bindings: &'static mut [Binding],
    /// Each set while it is so.
    pub(super) link_up: Event,
    pub(super) link_down: Event,
    pub(super) config_up: Event,
    pub(super) config_down: Event,
    /// Set whenever a connection of a server has gone, or a server.
    pub(super) gone: Event,
    /// How many servers were started.
    pub(super) servers: Cell<u32>,
    #[cfg(feature = "udp")]
    pub(super) udp_signals: core::cell::OnceCell<&'static mut [super::udp::Signals]>,
}

impl Shared {
    /// Wakes those who wait for the link or for addresses. Nothing may be borrowed, since that runs wakers.
    pub(super) fn tell(&self) {
        let (link, config) = {
            let interface = self.interface.borrow();
            (interface.link_up, interface.is_config_up())
        };
        for (now, event) in [
            (link, &self.link_up),
            (!link, &self.link_down),
            (config, &self.config_up),
            (!config, &self.config_down),
        ] {
            match now {
                true if !event.is_set() => event.set(),
                false => event.clear(),
                true => {}
            }
        }
        #[cfg(feature = "udp")]
        self.tell_udp();
    }

    /// What tells a new server from all others: never zero.
    pub(super) fn next_server(&self) -> u32 {
        self.servers.set(self.servers.get().wrapping_add(1).max(1));
        self.servers.get()
    }

    /// One half of a connection is dropped.
    pub(super) fn drop_half(&self, index: usize, half: Half) {
        let gone = self.interface.borrow_mut().drop_half(index, half);
        if gone {
            self.gone.set();
        }
    }

    #[cfg(feature = "udp")]
    fn tell_udp(&self) {
        for (index, signals) in
            self.udp_signals.get().into_iter().flat_map(|signals| signals.iter()).enumerate()
        {
            let news = self.interface.borrow_mut().udp.as_mut().map(|udp| udp.news(index));
            signals.tell(news.unwrap_or_default());
        }
    }
}

/// The handle of a network stack: connects and listens, through [`Network`]. Any number of copies may be made; they
/// stay on the loop that runs the [`Runner`](super::Runner), without which nothing moves.
#[derive(Clone, Copy)]
pub struct Stack {
    pub(super) shared: &'static Shared,
}

impl Stack {
    /// This host's IPv4 address, if it has one now.
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.addresses().find_map(|address| match address.ip {
            IpAddr::V4(ip) => Some(ip),
            IpAddr::V6(_) => None,
        })
    }

    /// All addresses that this host has now, of both families.
    pub fn addresses(&self) -> impl Iterator<Item = Address> + use<> {
        let mut addresses = [None; ADDRESSES];
        for (to, from) in addresses.iter_mut().zip(self.shared.interface.borrow().addresses()) {
            *to = Some(Address::from(*from));
        }
        addresses.into_iter().flatten()
    }

    /// The DNS servers, those configured first and then those that the network tells.
    pub fn dns_servers(&self) -> impl Iterator<Item = IpAddr> + use<> {
        self.shared.interface.borrow().dns_servers()
    }

    /// The configuration, as it was set last.
    pub fn config(&self) -> Config {
        *self.shared.interface.borrow().config()
    }

    /// Sets another configuration, from now on. Connections on an address that the interface has no longer end with
    /// [`Error::AddressLost`]; listeners stay. An address that the network gave stays until it answers to being asked
    /// again, if the new configuration asks too. The seed has no effect any more.
    ///
    /// # Errors
    /// The configuration doesn't make sense: then the former one stays.
    pub fn set_config(&self, config: Config) -> Result<(), StartError> {
        self.shared.interface.borrow_mut().set_config(config)?;
        self.shared.tell();
        Ok(())
    }

    /// Whether there is an address that reaches farther than the link: one of IPv4, or one of IPv6 that was configured or
    /// that a router told.
    pub fn is_config_up(&self) -> bool {
        self.shared.interface.borrow().is_config_up()
    }

    /// Waits until there is an address, as [`is_config_up`](Self::is_config_up) says. It may never come, so this is for
    /// [`wait_for`](crate::wait_for), too.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn wait_config_up(&self) {
        self.shared.config_up.wait().await;
    }

    /// Waits until there is none.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn wait_config_down(&self) {
        self.shared.config_down.wait().await;
    }

    /// Whether the driver has a link, as the runner found it at its last turn.
    pub fn is_link_up(&self) -> bool {
        self.shared.interface.borrow().link_up
    }

    /// Waits until the driver has a link.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn wait_link_up(&self) {
        self.shared.link_up.wait().await;
    }

    /// Waits until the driver has no link.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn wait_link_down(&self) {
        self.shared.link_down.wait().await;
    }

    /// Gives the stack memory for UDP sockets, once.
    ///
    /// # Errors
    /// [`Error::AlreadyAdded`]: the stack has such memory, or this memory serves another stack.
    #[cfg(feature = "udp")]
    pub fn add_udp<const N: usize, const RX: usize, const TX: usize>(
        &self,
        resources: &'static super::udp::UdpResources<N, RX, TX>,
    ) -> Result<(), Error> {
        let mut interface = self.shared.interface.borrow_mut();
        if interface.udp.is_some() {
            return Err(Error::AlreadyAdded);
        }
        let (table, signals) = resources.take().ok_or(Error::AlreadyAdded)?;
        interface.udp = Some(table);
        // There were none, as there was no table.
        let _ = self.shared.udp_signals.set(signals);
        Ok(())
    }

    /// How many UDP sockets could be bound now.
    #[cfg(feature = "udp")]
    pub fn free_udp_sockets(&self) -> usize {
        self.shared.interface.borrow().udp.as_ref().map_or(0, |udp| udp.free())
    }

    /// How many connections could be made or accepted now.
    pub fn free_connections(&self) -> usize {
        self.shared.interface.borrow().free()
    }
}

impl Network for Stack {
    type Error = Error;
    type Connection = TcpConnection;
    type Listener = TcpListener;

    /// Connects to `remote`, from a port that is not in use.
    ///
    /// # Errors
    /// All connections are taken, the address can't be reached, or the peer refuses or does not answer.
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up and frees its slot.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    async fn connect(&self, remote: SocketAddr) -> Result<TcpConnection, Error> {
        let index = self.shared.interface.borrow_mut().connect(remote, &self.shared.bindings[..])?;
        // From here on, dropping the future closes the slot.
        let connection = TcpConnection::new(*self, index)?;
        poll_fn(|cx| {
            let mut interface = self.shared.interface.borrow_mut();
            let (slot, socket) = interface.connection(index);
            match socket.state() {
                State::SynSent | State::SynReceived => {
                    socket.register_send_waker(cx.waker());
                    Poll::Pending
                }
                State::Closed => Poll::Ready(Err(slot.fault().unwrap_or(Error::NotConnected))),
                _ => Poll::Ready(Ok(())),
            }
        })
        .await?;
        log!(debug, "network: connected to a peer's port {}", remote.port());
        Ok(connection)
    }

    /// Listens on `local`. `0.0.0.0` stands for any IPv4 address, `[::]` for any of both families, also ones that the
    /// interface does not have yet. Ready at once.
    ///
    /// # Errors
    /// Another listener has the port, the port is 0, the address is not this host's, or too many ports are listened on.
    ///
    /// # Cancel safety
    /// Dropping the future binds nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None.
    async fn listen(&self, local: SocketAddr) -> Result<TcpListener, Error> {
        let ip = local.ip();
        let known = if ip.is_unspecified() {
            cfg!(feature = "ipv6") || ip.is_ipv4()
        } else {
            self.shared.interface.borrow().has(ip)
        };
        if !known {
            return Err(Error::Unaddressable);
        }
        if local.port() == 0 {
            return Err(Error::InvalidPort);
        }
        if self.shared.bindings.iter().any(|binding| binding.port() == local.port()) {
            return Err(Error::PortInUse);
        }
        let index = self.shared.bindings.iter().position(Binding::is_free).ok_or(Error::NoFreeListener)?;
        self.shared.bindings[index].bind(local);
        Ok(TcpListener::new(*self, index))
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("address", &self.address())
            .field("link_up", &self.is_link_up())
            .field("free_connections", &self.free_connections())
            .finish()
    }
}
