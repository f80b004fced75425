//! What is looked at in a frame before smoltcp has it. Checksums are smoltcp's to look at, and it may still refuse the
//! packet.

#[cfg(feature = "dhcpv4")]
use core::net::Ipv4Addr;
use core::net::{IpAddr, SocketAddr};

use smoltcp::phy::Medium;
#[cfg(feature = "dhcpv4")]
use smoltcp::wire::{DHCP_CLIENT_PORT, DHCP_SERVER_PORT, UdpPacket};
use smoltcp::wire::{EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet, TcpPacket};

#[cfg(feature = "ipv6")]
type Ipv6Packet<'f> = smoltcp::wire::Ipv6Packet<&'f [u8]>;

/// What a frame holds.
pub(super) enum Packet<'f> {
    V4(Ipv4Packet<&'f [u8]>),
    #[cfg(feature = "ipv6")]
    V6(Ipv6Packet<'f>),
    /// A question for a hardware address, or the answer.
    Arp,
}

/// A packet of TCP: who sent it to whom, and what.
pub(super) struct Segment<'f> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    tcp: TcpPacket<&'f [u8]>,
}

impl Segment<'_> {
    /// Whether it is the first of a handshake.
    pub(super) fn is_syn(&self) -> bool {
        self.tcp.syn() && !self.tcp.ack() && !self.tcp.rst() && !self.tcp.fin()
    }

    /// Whether its sender takes nothing more for now; `None` if it does not say.
    pub(super) fn has_no_room(&self) -> Option<bool> {
        self.tcp.ack().then(|| self.tcp.window_len() == 0)
    }
}

/// From a DHCP server to a client.
#[cfg(feature = "dhcpv4")]
pub(super) struct Datagram<'f> {
    pub(super) from: Ipv4Addr,
    pub(super) payload: &'f [u8],
}

impl<'f> Packet<'f> {
    /// None if it is damaged, or of a protocol that is not spoken.
    pub(super) fn parse(medium: Medium, frame: &'f [u8]) -> Option<Self> {
        match medium {
            Medium::Ethernet => {
                let frame = EthernetFrame::new_checked(frame).ok()?;
                match frame.ethertype() {
                    EthernetProtocol::Arp => Some(Self::Arp),
                    EthernetProtocol::Ipv4 | EthernetProtocol::Ipv6 => Self::parse_ip(frame.payload()),
                    EthernetProtocol::Unknown(_) => None,
                }
            }
            Medium::Ip => Self::parse_ip(frame),
        }
    }

    fn parse_ip(packet: &'f [u8]) -> Option<Self> {
        match packet.first()? >> 4 {
            4 => Some(Self::V4(Ipv4Packet::new_checked(packet).ok()?)),
            #[cfg(feature = "ipv6")]
            6 => Some(Self::V6(Ipv6Packet::new_checked(packet).ok()?)),
            _ => None,
        }
    }

    /// Reads it as TCP, if it is.
    pub(super) fn tcp(&self) -> Option<Segment<'_>> {
        let (from, to, payload): (IpAddr, IpAddr, _) = match self {
            Self::V4(ip) if ip.next_header() == IpProtocol::Tcp && ip.frag_offset() == 0 => {
                (ip.src_addr().into(), ip.dst_addr().into(), ip.payload())
            }
            #[cfg(feature = "ipv6")]
            Self::V6(ip) => (ip.src_addr().into(), ip.dst_addr().into(), tcp_payload(ip)?),
            _ => return None,
        };
        let tcp = TcpPacket::new_checked(payload).ok()?;
        let (from, to) = (SocketAddr::new(from, tcp.src_port()), SocketAddr::new(to, tcp.dst_port()));
        Some(Segment { from, to, tcp })
    }

    /// Whether it is UDP, or something that smoltcp refuses.
    #[cfg(feature = "udp")]
    pub(super) fn is_udp(&self) -> bool {
        match self {
            Self::V4(ip) => ip.next_header() == IpProtocol::Udp,
            #[cfg(feature = "ipv6")]
            Self::V6(ip) => match (ip.next_header(), ip.payload().first()) {
                (IpProtocol::HopByHop, Some(next)) => IpProtocol::from(*next) == IpProtocol::Udp,
                (next, _) => next == IpProtocol::Udp,
            },
            Self::Arp => false,
        }
    }

    /// Reads it as a datagram for DHCP clients, if it is.
    #[cfg(feature = "dhcpv4")]
    pub(super) fn dhcp(&self) -> Option<Datagram<'f>> {
        let Self::V4(ip) = self else { return None };
        if ip.next_header() != IpProtocol::Udp || ip.frag_offset() != 0 {
            return None;
        }
        let udp = UdpPacket::new_checked(ip.payload()).ok()?;
        (udp.src_port() == DHCP_SERVER_PORT && udp.dst_port() == DHCP_CLIENT_PORT)
            .then(|| Datagram { from: ip.src_addr(), payload: udp.payload() })
    }
}

/// What TCP is handed of the packet: after its header, or after the one extension header that smoltcp reads, too. It
/// refuses packets with others.
#[cfg(feature = "ipv6")]
fn tcp_payload<'f>(ip: &Ipv6Packet<'f>) -> Option<&'f [u8]> {
    match ip.next_header() {
        IpProtocol::Tcp => Some(ip.payload()),
        IpProtocol::HopByHop => {
            let [next, len, ..] = *ip.payload() else { return None };
            let rest = ip.payload().get(usize::from(len) * 8 + 8..)?;
            (IpProtocol::from(next) == IpProtocol::Tcp).then_some(rest)
        }
        _ => None,
    }
}
