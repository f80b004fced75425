//! What the interface does for UDP.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};

use everloop_core::Instant;
use smoltcp::phy::Medium;
use smoltcp::wire::{ETHERNET_HEADER_LEN, IpCidr, UDP_HEADER_LEN};

use super::super::error::Error;
use super::super::interface::Interface;
use super::table::Table;

impl Interface {
    pub(super) fn udp_table(&mut self) -> Option<&mut Table> {
        self.udp.as_mut()
    }

    pub(super) fn bind_udp(&mut self, local: SocketAddr) -> Result<(usize, SocketAddr), Error> {
        let ip = local.ip();
        let known = if ip.is_unspecified() { cfg!(feature = "ipv6") || ip.is_ipv4() } else { self.has(ip) };
        if !known {
            return Err(Error::Unaddressable);
        }
        let table = self.udp.as_mut().ok_or(Error::NoFreeSocket)?;
        let port = match local.port() {
            0 => self.ports.choose(|port| table.has_port(port)),
            port => port,
        };
        let local = SocketAddr::new(ip, port);
        Ok((table.bind(local)?, local))
    }

    pub(super) fn close_udp(&mut self, index: usize) {
        let now = self.now();
        if let Some(table) = &mut self.udp {
            table.close(index, now);
        }
        self.touch();
    }

    /// Sockets may be used where no loop runs.
    pub(super) fn now(&self) -> Instant {
        Instant::try_now().unwrap_or(self.turned())
    }

    /// The address from which to send to this one, which may be a group's, or with `broadcast` all hosts'.
    pub(super) fn udp_source(&self, to: IpAddr, broadcast: bool) -> Option<IpAddr> {
        if let Some(from) = self.source(to) {
            return Some(from.into());
        }
        let IpAddr::V4(to) = to else { return None };
        let own = self.addresses().iter().find_map(|cidr| match cidr {
            IpCidr::Ipv4(cidr) => Some(*cidr),
            #[allow(unreachable_patterns, reason = "IPv6 may not be built in")]
            _ => None,
        })?;
        let all = to == Ipv4Addr::BROADCAST || own.broadcast() == Some(to);
        (to.is_multicast() || all && broadcast).then(|| own.address().into())
    }

    /// smoltcp does not split datagrams.
    pub(super) fn longest_datagram(&self, v4: bool) -> usize {
        let capabilities = self.capabilities();
        let link = if capabilities.medium == Medium::Ethernet { ETHERNET_HEADER_LEN } else { 0 };
        let ip = if v4 { 20 } else { 40 };
        capabilities.max_transmission_unit.saturating_sub(link + ip + UDP_HEADER_LEN)
    }
}
