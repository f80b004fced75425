//! The DHCP client: smoltcp's, kept from what makes it panic or spin.

use core::net::Ipv4Addr;

use everloop_core::{Duration, Instant};
use smoltcp::iface::{SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::dhcpv4::{self, Event, Socket};
use smoltcp::wire::{DhcpMessageType, DhcpPacket, DhcpRepr, HardwareAddress, IpAddress, Ipv4Cidr};

use super::address;
use super::config::Config;
use super::frame::Datagram;

/// How long an address stays that the server has not confirmed since the link came up.
const CONFIRM: Duration = Duration::from_secs(30);
/// Answers that end an exchange are heeded so often at most: a server could keep the client busy for ever, as by
/// refusing at once whatever is asked for. What is lent after a refusal is heeded at once, since that was paced.
const PACE: Duration = Duration::from_secs(1);

/// What a server has lent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    pub(super) address: Ipv4Addr,
    pub(super) prefix: u8,
    pub(super) gateway: Option<Ipv4Addr>,
    pub(super) dns_servers: [Option<Ipv4Addr>; 3],
}

impl Lease {
    fn new(from: &dhcpv4::Config<'_>) -> Option<Self> {
        let (address, prefix) = (from.address.address(), from.address.prefix_len());
        let mut servers = from.dns_servers.iter().copied().filter(|ip| address::is_single_v4(*ip));
        address::is_host_v4(address, prefix).then(|| Self {
            address,
            prefix,
            gateway: from.router.filter(|router| address::is_gateway_v4(*router, address, prefix, true)),
            dns_servers: [servers.next(), servers.next(), servers.next()],
        })
    }
}

/// The client's socket, in a set of its own: so those of the connections need no room for it, and it sees no other
/// packets.
pub(super) struct Dhcp {
    sockets: SocketSet<'static>,
    handle: SocketHandle,
    active: bool,
    lease: Option<Lease>,
    /// The lease is from before the link came up, and goes then if the server has not answered.
    unconfirmed: Option<Instant>,
    /// When an exchange ended, and whether by a refusal.
    answered: Option<(Instant, bool)>,
}

impl Dhcp {
    pub(super) fn new(storage: &'static mut [SocketStorage<'static>; 1]) -> Self {
        let mut sockets = SocketSet::new(&mut storage[..]);
        // There is room for one.
        let handle = sockets.add(Socket::new());
        Self { sockets, handle, active: false, lease: None, unconfirmed: None, answered: None }
    }

    /// The sockets to poll, if the client is used.
    pub(super) fn sockets(&mut self) -> Option<&mut SocketSet<'static>> {
        self.active.then_some(&mut self.sockets)
    }

    pub(super) fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// Does as configured, from now on.
    pub(super) fn configure(&mut self, config: &Config, now: Instant) {
        self.active = config.is_dhcp();
        let socket = self.sockets.get_mut::<Socket<'_>>(self.handle);
        socket.set_outgoing_options(config.hostname.map_or(&[], |hostname| hostname.option()));
        self.restart(now);
        if !self.active {
            self.lease = None;
            self.unconfirmed = None;
        }
    }

    /// Asks anew, and keeps meanwhile what was lent.
    pub(super) fn restart(&mut self, now: Instant) {
        self.attend(now);
        self.sockets.get_mut::<Socket<'_>>(self.handle).reset();
        self.unconfirmed = self.lease.map(|_| now + CONFIRM);
    }

    /// Looks at what the client has come to. True if the lease is another.
    pub(super) fn attend(&mut self, now: Instant) -> bool {
        if !self.active {
            return false;
        }
        let socket = self.sockets.get_mut::<Socket<'_>>(self.handle);
        match socket.poll() {
            Some(Event::Configured(config)) => {
                self.lease = Lease::new(&config);
                self.unconfirmed = None;
                return true;
            }
            // We let go of it ourselves, to ask again.
            Some(Event::Deconfigured) if self.unconfirmed.is_some() => {}
            Some(Event::Deconfigured) => return self.lease.take().is_some(),
            None => {}
        }
        let over = self.unconfirmed.is_some_and(|until| now >= until);
        if over {
            self.unconfirmed = None;
            self.lease = None;
        }
        over
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.unconfirmed
    }

    /// Whether a datagram to the client's port is for it, and none that makes no sense.
    pub(super) fn admit(&mut self, datagram: &Datagram<'_>, hardware: HardwareAddress, now: Instant) -> bool {
        // The client answers to where it came from, which for some addresses would make smoltcp panic.
        if !self.active || !address::is_single_v4(datagram.from) {
            return false;
        }
        let Ok(packet) = DhcpPacket::new_checked(datagram.payload) else { return false };
        let Ok(answer) = DhcpRepr::parse(&packet) else { return false };
        if hardware != HardwareAddress::Ethernet(answer.client_hardware_address) {
            return false;
        }
        match answer.message_type {
            DhcpMessageType::Offer => address::is_single_v4(answer.your_ip),
            DhcpMessageType::Ack if !makes_sense(&answer) => false,
            DhcpMessageType::Ack | DhcpMessageType::Nak => {
                let refused = answer.message_type == DhcpMessageType::Nak;
                let paced = |after_refusal: bool| refused || !after_refusal;
                let early = self.answered.is_some_and(|(at, after)| paced(after) && now < at + PACE);
                if !early {
                    self.answered = Some((now, refused));
                }
                !early
            }
            _ => false,
        }
    }
}

fn makes_sense(ack: &DhcpRepr<'_>) -> bool {
    let prefix = ack.subnet_mask.and_then(|mask| IpAddress::Ipv4(mask).prefix_len());
    let host = prefix.is_some_and(|prefix| {
        prefix > 0 && address::is_host_v4(ack.your_ip, prefix) && is_no_network(ack.your_ip, prefix)
    });
    host && ack.lease_duration != Some(0)
}

/// Whether it is more than the name of a network.
fn is_no_network(ip: Ipv4Addr, prefix: u8) -> bool {
    prefix >= 31 || Ipv4Cidr::new(ip, prefix).network().address() != ip
}
