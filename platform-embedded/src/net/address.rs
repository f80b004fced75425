//! Addresses, as core and as smoltcp say them, and which of them make sense.

use core::fmt;
#[cfg(feature = "ipv6")]
use core::net::Ipv6Addr;
use core::net::{IpAddr, Ipv4Addr};

#[cfg(feature = "ipv6")]
use smoltcp::wire::Ipv6Cidr;
use smoltcp::wire::{IpAddress, IpCidr, Ipv4Cidr};

/// An address of an interface, and how many of its first bits are common to all of its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The address of this host.
    pub ip: IpAddr,
    /// The bits that all hosts of the network share.
    pub prefix: u8,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ip, self.prefix)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Address {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

impl From<IpCidr> for Address {
    fn from(cidr: IpCidr) -> Self {
        Self { ip: cidr.address().into(), prefix: cidr.prefix_len() }
    }
}

/// None if it is of a family that is not built in.
pub(super) fn to_smoltcp(ip: IpAddr) -> Option<IpAddress> {
    match ip {
        IpAddr::V4(ip) => Some(IpAddress::Ipv4(ip)),
        #[cfg(feature = "ipv6")]
        IpAddr::V6(ip) => Some(IpAddress::Ipv6(ip)),
        #[cfg(not(feature = "ipv6"))]
        IpAddr::V6(_) => None,
    }
}

/// Whether a host may have it, in a network with this prefix.
pub(super) fn is_host_v4(ip: Ipv4Addr, prefix: u8) -> bool {
    is_single_v4(ip) && prefix <= 32 && Ipv4Cidr::new(ip, prefix).broadcast() != Some(ip)
}

/// Whether it can stand for a single host, and one that is not always this one.
pub(super) fn is_single_v4(ip: Ipv4Addr) -> bool {
    !(ip.is_unspecified() || ip.is_broadcast() || ip.is_multicast() || ip.is_loopback())
}

/// Whether a host at `ip` may send by way of `gateway`.
pub(super) fn is_gateway_v4(gateway: Ipv4Addr, ip: Ipv4Addr, prefix: u8, ethernet: bool) -> bool {
    // Its hardware address can only be asked for in the own network.
    let near = !ethernet || Ipv4Cidr::new(ip, prefix).contains_addr(&gateway);
    gateway != ip && is_host_v4(gateway, if ethernet { prefix } else { 32 }) && near
}

#[cfg(feature = "ipv6")]
pub(super) fn is_single_v6(ip: Ipv6Addr) -> bool {
    !(ip.is_unspecified() || ip.is_multicast() || ip.is_loopback() || ip.to_ipv4_mapped().is_some())
}

#[cfg(feature = "ipv6")]
pub(super) fn is_gateway_v6(gateway: Ipv6Addr, ip: Ipv6Addr, prefix: u8, ethernet: bool) -> bool {
    let near =
        !ethernet || LINK_LOCAL.contains_addr(&gateway) || Ipv6Cidr::new(ip, prefix).contains_addr(&gateway);
    gateway != ip && is_single_v6(gateway) && near
}

#[cfg(feature = "ipv6")]
pub(super) const LINK_LOCAL: Ipv6Cidr = Ipv6Cidr::new(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 64);

/// The address in the network of `prefix`, of 64 bits, that the device's own address makes (RFC 4291, appendix A).
#[cfg(feature = "ipv6")]
pub(super) fn from_hardware(prefix: Ipv6Addr, hardware: [u8; 6]) -> Ipv6Addr {
    let [a, b, c, d, e, f] = hardware;
    let mut octets = prefix.octets();
    octets[8..].copy_from_slice(&[a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
    octets.into()
}

/// The network of 64 bits that the address is in.
#[cfg(feature = "slaac")]
pub(super) fn network_v6(ip: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)
}
