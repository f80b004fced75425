//! Which addresses the interface has: those configured, and those that the network gives.

use core::net::IpAddr;
#[cfg(feature = "ipv6")]
use core::net::Ipv6Addr;

#[cfg(feature = "slaac")]
use embassy_net_driver::Driver;
use everloop_core::Instant;
use smoltcp::iface::{self, Route};
#[cfg(feature = "slaac")]
use smoltcp::wire::EthernetAddress;
#[cfg(feature = "ipv6")]
use smoltcp::wire::Ipv6Cidr;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, Ipv4Cidr};

use super::address;
#[cfg(feature = "ipv6")]
use super::config::Ipv6;
use super::config::{Config, Ipv4};
#[cfg(feature = "slaac")]
use super::device::Outgoing;
#[cfg(feature = "dhcpv4")]
use super::dhcp::Dhcp;
#[cfg(feature = "slaac")]
use super::slaac::Slaac;

pub(super) struct Addressing {
    pub(super) config: Config,
    pub(super) hardware: HardwareAddress,
    #[cfg(feature = "dhcpv4")]
    pub(super) dhcp: Dhcp,
    #[cfg(feature = "slaac")]
    pub(super) slaac: Slaac,
}

impl Addressing {
    pub(super) fn new(
        config: Config,
        hardware: HardwareAddress,
        #[cfg(feature = "dhcpv4")] dhcp: Dhcp,
        now: Instant,
    ) -> Self {
        let mut addressing = Self {
            config,
            hardware,
            #[cfg(feature = "dhcpv4")]
            dhcp,
            #[cfg(feature = "slaac")]
            slaac: Slaac::new(match hardware {
                HardwareAddress::Ethernet(address) => address,
                // Such a device can't be configured to use it.
                _ => EthernetAddress::default(),
            }),
        };
        addressing.configure(config, now);
        addressing
    }

    /// Does as `config`, which was checked, says from now on.
    #[cfg_attr(
        not(any(feature = "dhcpv4", feature = "slaac")),
        expect(unused_variables, reason = "nothing ends")
    )]
    pub(super) fn configure(&mut self, config: Config, now: Instant) {
        self.config = config;
        #[cfg(feature = "dhcpv4")]
        self.dhcp.configure(&config, now);
        #[cfg(feature = "slaac")]
        self.slaac.configure(config.is_slaac(), now);
    }

    /// The link came up, maybe to another network: has whoever gives addresses asked anew.
    #[cfg_attr(
        not(any(feature = "dhcpv4", feature = "slaac")),
        expect(unused_variables, reason = "nothing ends")
    )]
    pub(super) fn restart(&mut self, now: Instant) {
        #[cfg(feature = "dhcpv4")]
        self.dhcp.restart(now);
        #[cfg(feature = "slaac")]
        self.slaac.restart(now);
    }

    /// Looks at what the network has given, and what is over. True if addresses or ways changed.
    #[cfg_attr(
        not(any(feature = "dhcpv4", feature = "slaac")),
        expect(unused_variables, reason = "nothing ends")
    )]
    pub(super) fn attend(&mut self, now: Instant) -> bool {
        let changed = [
            #[cfg(feature = "dhcpv4")]
            self.dhcp.attend(now),
            #[cfg(feature = "slaac")]
            self.slaac.attend(now),
        ];
        changed.contains(&true)
    }

    /// Asks for routers, if it is time.
    #[cfg(feature = "slaac")]
    pub(super) fn ask_routers<D: Driver>(&mut self, device: &mut Outgoing<'_, '_, D>, now: Instant) {
        if self.slaac.is_due(now)
            && let Some(room) = device.driver_room()
        {
            self.slaac.ask(room, now);
        }
    }

    /// When to attend, apart from when sockets say so.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let deadlines: [Option<Instant>; _] = [
            #[cfg(feature = "dhcpv4")]
            self.dhcp.deadline(),
            #[cfg(feature = "slaac")]
            self.slaac.deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Has smoltcp use what there is now. It also forgets whose hardware address is whose.
    pub(super) fn apply(&self, stack: &mut iface::Interface) {
        stack.update_ip_addrs(|addresses| {
            addresses.clear();
            for address in self.ipv4().into_iter().chain(self.ipv6()) {
                // There is room for one of IPv4, and with IPv6 for two more.
                let _ = addresses.push(address);
            }
        });
        stack.routes_mut().update(|routes| {
            routes.clear();
            for route in self.routes() {
                // There is room for one of each family.
                let _ = routes.push(route);
            }
        });
    }

    fn ipv4(&self) -> Option<IpCidr> {
        let (address, prefix) = match self.config.ipv4 {
            Ipv4::None => return None,
            Ipv4::Static { address, prefix } => (address, prefix),
            #[cfg(feature = "dhcpv4")]
            Ipv4::Dhcp => self.dhcp.lease().map(|lease| (lease.address, lease.prefix))?,
        };
        Some(IpCidr::Ipv4(Ipv4Cidr::new(address, prefix)))
    }

    #[cfg(not(feature = "ipv6"))]
    fn ipv6(&self) -> Option<IpCidr> {
        None
    }

    /// That of the link comes first: smoltcp then finds the right one for each destination.
    #[cfg(feature = "ipv6")]
    fn ipv6(&self) -> impl Iterator<Item = IpCidr> {
        let link = match self.hardware {
            HardwareAddress::Ethernet(hardware) if self.config.has_ipv6() => {
                let prefix = address::LINK_LOCAL;
                Some((address::from_hardware(prefix.address(), hardware.0), prefix.prefix_len()))
            }
            _ => None,
        };
        let other = match self.config.ipv6 {
            Ipv6::None => None,
            Ipv6::Static { address, prefix } => Some((address, prefix)),
            #[cfg(feature = "slaac")]
            Ipv6::Slaac => self.slaac.address().map(|address| (address, 64)),
        };
        let both = [link, other.filter(|other| Some(other.0) != link.map(|link| link.0))];
        both.into_iter().flatten().map(|(address, prefix)| IpCidr::Ipv6(Ipv6Cidr::new(address, prefix)))
    }

    fn routes(&self) -> impl Iterator<Item = Route> {
        let ipv4 = match self.config.ipv4 {
            #[cfg(feature = "dhcpv4")]
            Ipv4::Dhcp => self.dhcp.lease().and_then(|lease| lease.gateway),
            _ => self.config.gateway,
        };
        let ipv4 = ipv4.map(Route::new_ipv4_gateway);
        #[cfg(feature = "ipv6")]
        let ipv6 = self.ipv6_gateway().map(Route::new_ipv6_gateway);
        #[cfg(not(feature = "ipv6"))]
        let ipv6 = None;
        ipv4.into_iter().chain(ipv6)
    }

    #[cfg(feature = "ipv6")]
    fn ipv6_gateway(&self) -> Option<Ipv6Addr> {
        match self.config.ipv6 {
            #[cfg(feature = "slaac")]
            Ipv6::Slaac => self.slaac.router(),
            _ => self.config.ipv6_gateway,
        }
    }

    /// The configured ones first.
    pub(super) fn dns_servers(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let servers = self.config.dns_servers.into_iter().flatten();
        #[cfg(feature = "dhcpv4")]
        let servers = {
            let lent = self.dhcp.lease().map(|lease| lease.dns_servers).unwrap_or_default();
            servers.chain(lent.into_iter().flatten().map(IpAddr::V4))
        };
        #[cfg(feature = "slaac")]
        let servers = servers.chain(self.slaac.dns_servers().map(IpAddr::V6));
        servers
    }
}

/// The address from which to send to this one, if packets to it have a way to go, and a single host that answers.
pub(super) fn source(stack: &iface::Interface, to: IpAddr) -> Option<IpAddress> {
    let single = match to {
        IpAddr::V4(ip) => address::is_single_v4(ip),
        #[cfg(feature = "ipv6")]
        IpAddr::V6(ip) => address::is_single_v6(ip),
        #[cfg(not(feature = "ipv6"))]
        IpAddr::V6(_) => false,
    };
    let to = address::to_smoltcp(to).filter(|to| single && !stack.has_ip_addr(*to))?;
    let near = stack.ip_addrs().iter().find(|cidr| cidr.contains_addr(&to));
    match (to, near) {
        (IpAddress::Ipv4(to), Some(IpCidr::Ipv4(near))) => {
            (near.broadcast() != Some(to)).then(|| near.address().into())
        }
        (IpAddress::Ipv4(_), _) => {
            stack.routes().get_default_ipv4_route()?;
            stack.ipv4_addr().map(IpAddress::Ipv4)
        }
        #[cfg(feature = "ipv6")]
        (IpAddress::Ipv6(to), near) => {
            let routed = !to.is_unicast_link_local() && stack.routes().get_default_ipv6_route().is_some();
            let from = stack.get_source_address_ipv6(&to);
            // Hosts of other networks could not answer to an address of this link.
            let fits = from.is_unicast_link_local() == to.is_unicast_link_local();
            (fits && (routed || near.is_some()) && stack.has_ip_addr(from)).then_some(IpAddress::Ipv6(from))
        }
        #[allow(unreachable_patterns, reason = "another crate may have smoltcp know IPv6")]
        _ => None,
    }
}
