use core::net::{Ipv4Addr, SocketAddrV4};

use smoltcp::phy::Medium;
use smoltcp::wire::{EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet, TcpPacket};

/// What a TCP packet says of its sender's room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) from: SocketAddrV4,
    pub(super) to: SocketAddrV4,
    /// The sender takes nothing more for now.
    pub(super) none: bool,
}

impl Room {
    /// Reads the frame as TCP, if it is. Checksums are not looked at.
    pub(super) fn parse(medium: Medium, frame: &[u8]) -> Option<Self> {
        match medium {
            Medium::Ethernet => {
                let frame = EthernetFrame::new_checked(frame).ok()?;
                (frame.ethertype() == EthernetProtocol::Ipv4).then(|| Self::parse_ip(frame.payload()))?
            }
            Medium::Ip => Self::parse_ip(frame),
        }
    }

    fn parse_ip(packet: &[u8]) -> Option<Self> {
        let ip = Ipv4Packet::new_checked(packet).ok()?;
        if ip.version() != 4 || ip.next_header() != IpProtocol::Tcp || ip.frag_offset() != 0 {
            return None;
        }
        let (source, destination): (Ipv4Addr, Ipv4Addr) = (ip.src_addr(), ip.dst_addr());
        let tcp = TcpPacket::new_checked(ip.payload()).ok()?;
        tcp.ack().then(|| Self {
            from: SocketAddrV4::new(source, tcp.src_port()),
            to: SocketAddrV4::new(destination, tcp.dst_port()),
            none: tcp.window_len() == 0,
        })
    }
}

/// The first packet of a handshake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syn {
    pub(super) from: SocketAddrV4,
    pub(super) to: SocketAddrV4,
}

impl Syn {
    /// Reads the frame as one, if it is. Checksums are smoltcp's to look at, and it may still refuse the packet.
    pub(super) fn parse(medium: Medium, frame: &[u8]) -> Option<Self> {
        match medium {
            Medium::Ethernet => {
                let frame = EthernetFrame::new_checked(frame).ok()?;
                (frame.ethertype() == EthernetProtocol::Ipv4).then(|| Self::parse_ip(frame.payload()))?
            }
            Medium::Ip => Self::parse_ip(frame),
        }
    }

    fn parse_ip(packet: &[u8]) -> Option<Self> {
        let ip = Ipv4Packet::new_checked(packet).ok()?;
        if ip.version() != 4 || ip.next_header() != IpProtocol::Tcp || ip.frag_offset() != 0 {
            return None;
        }
        let (source, destination): (Ipv4Addr, Ipv4Addr) = (ip.src_addr(), ip.dst_addr());
        let tcp = TcpPacket::new_checked(ip.payload()).ok()?;
        (tcp.syn() && !tcp.ack() && !tcp.rst() && !tcp.fin()).then(|| Self {
            from: SocketAddrV4::new(source, tcp.src_port()),
            to: SocketAddrV4::new(destination, tcp.dst_port()),
        })
    }
}
