#[cfg(feature = "ipv6")]
use core::net::Ipv6Addr;
use core::net::{IpAddr, Ipv4Addr};

use everloop_core::Duration;
use smoltcp::phy::DeviceCapabilities;
use smoltcp::wire::{ETHERNET_HEADER_LEN, HardwareAddress};

use super::address;
use super::error::StartError;
#[cfg(feature = "dhcpv4")]
use super::hostname::Hostname;

/// So many DNS servers can be configured.
pub(super) const DNS_SERVERS: usize = 3;
/// The least that IPv4 asks of a link, without the link's own header.
const LEAST_MTU: usize = 68;
/// The least that DHCP asks.
#[cfg(feature = "dhcpv4")]
const LEAST_MTU_FOR_DHCP: usize = 576;
/// The least that IPv6 asks.
#[cfg(feature = "ipv6")]
const LEAST_MTU_FOR_V6: usize = 1280;

/// The addresses of an interface, or where they come from, and the patience of its connections.
///
/// ```
/// # use core::net::Ipv4Addr;
/// use everloop_embedded::net::Config;
///
/// let fixed = Config::new(Ipv4Addr::new(192, 168, 0, 2), 24).gateway(Ipv4Addr::new(192, 168, 0, 1));
/// # #[cfg(feature = "dhcpv4")]
/// let asked_for = Config::dhcp();
/// # #[cfg(all(feature = "dhcpv4", feature = "slaac"))]
/// let both_families = Config::dhcp().slaac();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub(super) ipv4: Ipv4,
    pub(super) gateway: Option<Ipv4Addr>,
    #[cfg(feature = "ipv6")]
    pub(super) ipv6: Ipv6,
    #[cfg(feature = "ipv6")]
    pub(super) ipv6_gateway: Option<Ipv6Addr>,
    #[cfg(feature = "dhcpv4")]
    pub(super) hostname: Option<&'static Hostname>,
    pub(super) dns_servers: [Option<IpAddr>; DNS_SERVERS],
    too_many_dns_servers: bool,
    pub(super) seed: u64,
    pub(super) timeout: Duration,
    pub(super) linger: Duration,
}

/// Where the IPv4 address comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ipv4 {
    None,
    Static {
        address: Ipv4Addr,
        prefix: u8,
    },
    #[cfg(feature = "dhcpv4")]
    Dhcp,
}

/// Where the IPv6 address comes from, beside that of the link.
#[cfg(feature = "ipv6")]
#[derive(Clone, Copy, Debug)]
pub(super) enum Ipv6 {
    None,
    Static {
        address: Ipv6Addr,
        prefix: u8,
    },
    #[cfg(feature = "slaac")]
    Slaac,
}

impl Config {
    /// A fixed IPv4 address, in a network of which the first `prefix` bits are common to all.
    pub const fn new(address: Ipv4Addr, prefix: u8) -> Self {
        Self::with_ipv4(Ipv4::Static { address, prefix })
    }

    /// An IPv4 address, a gateway and DNS servers that a DHCP server of the network lends.
    ///
    /// The server is asked anew when the link comes up. An address that it lent before stays until it answers, at most
    /// 30 seconds, so that connections outlive a cable that was pulled for a moment. When the lease is lost,
    /// connections end with [`Error::AddressLost`](super::Error::AddressLost), while listeners stay and serve again
    /// under the next address. Answers that make no sense are ignored: a lease of no time, an address that no host can
    /// have, no network mask. A gateway outside the network is left out.
    #[cfg(feature = "dhcpv4")]
    pub const fn dhcp() -> Self {
        Self::with_ipv4(Ipv4::Dhcp)
    }

    /// No IPv4 address. Without an IPv6 address either, nothing can be reached until
    /// [`Stack::set_config`](super::Stack::set_config) gives one.
    pub const fn none() -> Self {
        Self::with_ipv4(Ipv4::None)
    }

    const fn with_ipv4(ipv4: Ipv4) -> Self {
        Self {
            ipv4,
            gateway: None,
            #[cfg(feature = "ipv6")]
            ipv6: Ipv6::None,
            #[cfg(feature = "ipv6")]
            ipv6_gateway: None,
            #[cfg(feature = "dhcpv4")]
            hostname: None,
            dns_servers: [None; DNS_SERVERS],
            too_many_dns_servers: false,
            seed: 0,
            timeout: Duration::from_secs(60),
            linger: Duration::from_secs(10),
        }
    }

    /// Who forwards to other IPv4 networks, for a fixed address. Without one they can't be reached.
    #[must_use]
    pub const fn gateway(mut self, gateway: Ipv4Addr) -> Self {
        self.gateway = Some(gateway);
        self
    }

    /// The name that the DHCP server is told, which many make known to the network.
    #[cfg(feature = "dhcpv4")]
    #[must_use]
    pub const fn hostname(mut self, hostname: &'static Hostname) -> Self {
        self.hostname = Some(hostname);
        self
    }

    /// A fixed IPv6 address, in a network of which the first `prefix` bits are common to all. On Ethernet the interface
    /// has an address for the link beside it, which its hardware address makes.
    ///
    /// Whether another host has the same address is not looked for.
    #[cfg(feature = "ipv6")]
    #[must_use]
    pub const fn ipv6(mut self, address: Ipv6Addr, prefix: u8) -> Self {
        self.ipv6 = Ipv6::Static { address, prefix };
        self
    }

    /// Who forwards to other IPv6 networks, for a fixed address.
    #[cfg(feature = "ipv6")]
    #[must_use]
    pub const fn ipv6_gateway(mut self, gateway: Ipv6Addr) -> Self {
        self.ipv6_gateway = Some(gateway);
        self
    }

    /// An IPv6 address made from what a router advertises and the hardware address (SLAAC, RFC 4862), instead of a fixed
    /// one; also the router and the DNS servers that it names. Of several networks that are advertised, and of several
    /// routers, the first is used, for as long as it is valid.
    ///
    /// Whether another host has the same address is not looked for.
    #[cfg(feature = "slaac")]
    #[must_use]
    pub const fn slaac(mut self) -> Self {
        self.ipv6 = Ipv6::Slaac;
        self
    }

    /// One more server that knows the addresses of names, used before those that the network tells. Three at most.
    #[must_use]
    pub const fn dns_server(mut self, server: IpAddr) -> Self {
        let mut index = 0;
        while index < DNS_SERVERS {
            if self.dns_servers[index].is_none() {
                self.dns_servers[index] = Some(server);
                return self;
            }
            index += 1;
        }
        self.too_many_dns_servers = true;
        self
    }

    /// Where sequence numbers and ports begin. It should be random and differ at each start, so that connections of a
    /// former run are not mistaken for new ones, and strangers can't guess their way into a connection.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How long a peer may be silent before its connection is given up; by default 60 seconds. An idle peer is probed
    /// (keep-alive) each quarter of that time, so one that is still there is never given up. The time is also how long
    /// [`connect`](super::Network::connect) tries. A peer that said it has no room for more is asked ever more seldom, down
    /// to once a minute, and given up after four minutes without an answer, or this time if it is longer. At least one millisecond and at most 30 days.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a connection whose halves were dropped goes on without progress, before it is reset; by default 10
    /// seconds. Progress is that the peer takes something of what was written, or closes.
    #[must_use]
    pub const fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    #[cfg(feature = "dhcpv4")]
    pub(super) fn is_dhcp(&self) -> bool {
        matches!(self.ipv4, Ipv4::Dhcp)
    }

    #[cfg(feature = "ipv6")]
    pub(super) fn has_ipv6(&self) -> bool {
        !matches!(self.ipv6, Ipv6::None)
    }

    #[cfg(feature = "slaac")]
    pub(super) fn is_slaac(&self) -> bool {
        matches!(self.ipv6, Ipv6::Slaac)
    }

    /// Whether it makes sense, for an interface with this hardware address and these frames.
    pub(super) fn check(
        &self,
        hardware: HardwareAddress,
        capabilities: &DeviceCapabilities,
    ) -> Result<(), StartError> {
        let ethernet = hardware != HardwareAddress::Ip;
        let header = if ethernet { ETHERNET_HEADER_LEN } else { 0 };
        let mtu = capabilities.max_transmission_unit.saturating_sub(header);
        if mtu < LEAST_MTU {
            return Err(StartError::InvalidMtu);
        }
        self.check_v4(ethernet, mtu)?;
        #[cfg(feature = "ipv6")]
        self.check_v6(ethernet, mtu)?;
        let reachable = |server: &IpAddr| match *server {
            IpAddr::V4(ip) => address::is_single_v4(ip),
            #[cfg(feature = "ipv6")]
            IpAddr::V6(ip) => address::is_single_v6(ip),
            #[cfg(not(feature = "ipv6"))]
            IpAddr::V6(_) => false,
        };
        if self.too_many_dns_servers || !self.dns_servers.iter().flatten().all(reachable) {
            return Err(StartError::InvalidDnsServers);
        }
        Ok(())
    }

    #[cfg_attr(
        not(feature = "dhcpv4"),
        expect(unused_variables, reason = "only DHCP asks for more of the link")
    )]
    fn check_v4(&self, ethernet: bool, mtu: usize) -> Result<(), StartError> {
        match (self.ipv4, self.gateway) {
            (Ipv4::Static { address, prefix }, _) if !address::is_host_v4(address, prefix) => {
                Err(StartError::InvalidAddress)
            }
            (Ipv4::Static { address, prefix }, Some(gateway)) => {
                let good = address::is_gateway_v4(gateway, address, prefix, ethernet);
                good.then_some(()).ok_or(StartError::InvalidGateway)
            }
            (Ipv4::Static { .. }, None) => Ok(()),
            (_, Some(_)) => Err(StartError::InvalidGateway),
            (Ipv4::None, None) => Ok(()),
            #[cfg(feature = "dhcpv4")]
            (Ipv4::Dhcp, None) if !ethernet => Err(StartError::NotEthernet),
            #[cfg(feature = "dhcpv4")]
            (Ipv4::Dhcp, None) if mtu < LEAST_MTU_FOR_DHCP => Err(StartError::InvalidMtu),
            #[cfg(feature = "dhcpv4")]
            (Ipv4::Dhcp, None) => match self.hostname {
                Some(hostname) if !hostname.is_valid() => Err(StartError::InvalidHostname),
                _ => Ok(()),
            },
        }
    }

    #[cfg(feature = "ipv6")]
    fn check_v6(&self, ethernet: bool, mtu: usize) -> Result<(), StartError> {
        if self.has_ipv6() && mtu < LEAST_MTU_FOR_V6 {
            return Err(StartError::InvalidMtu);
        }
        match (self.ipv6, self.ipv6_gateway) {
            (Ipv6::Static { address, prefix }, _) if !address::is_single_v6(address) || prefix > 128 => {
                Err(StartError::InvalidAddress)
            }
            (Ipv6::Static { address, prefix }, Some(gateway)) => {
                let good = address::is_gateway_v6(gateway, address, prefix, ethernet);
                good.then_some(()).ok_or(StartError::InvalidGateway)
            }
            (Ipv6::Static { .. }, None) => Ok(()),
            (_, Some(_)) => Err(StartError::InvalidGateway),
            (Ipv6::None, None) => Ok(()),
            #[cfg(feature = "slaac")]
            (Ipv6::Slaac, None) if !ethernet => Err(StartError::NotEthernet),
            #[cfg(feature = "slaac")]
            (Ipv6::Slaac, None) => Ok(()),
        }
    }
}
