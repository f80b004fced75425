//! Makes a frame right in what a driver or a sender would have right: lengths and checksums.

use smoltcp::wire::{Icmpv4Packet, Icmpv6Packet, IpAddress, Ipv4Packet, Ipv6Packet, TcpPacket, UdpPacket};

/// Seals the IP packet that begins at `begins`, if it is one.
pub fn seal(frame: &mut [u8], begins: usize) {
    let Some(packet) = frame.get_mut(begins..) else { return };
    let length = packet.len() as u16;
    match packet.first().map(|first| first >> 4) {
        Some(4) if packet.len() >= 20 => {
            packet[2..4].copy_from_slice(&length.to_be_bytes());
            let mut ip = Ipv4Packet::new_unchecked(&mut packet[..]);
            if !(20..=usize::from(length)).contains(&usize::from(ip.header_len())) {
                ip.set_header_len(20);
            }
            ip.fill_checksum();
            let (from, to, kind) = (ip.src_addr().into(), ip.dst_addr().into(), ip.next_header().into());
            inner(kind, from, to, ip.payload_mut());
        }
        Some(6) if packet.len() >= 40 => {
            packet[4..6].copy_from_slice(&(length - 40).to_be_bytes());
            let mut ip = Ipv6Packet::new_unchecked(&mut packet[..]);
            let (from, to, kind) = (ip.src_addr(), ip.dst_addr(), ip.next_header().into());
            if kind == 58 {
                if let Ok(mut icmp) = Icmpv6Packet::new_checked(ip.payload_mut()) {
                    icmp.fill_checksum(&from, &to);
                }
                return;
            }
            inner(kind, from.into(), to.into(), ip.payload_mut());
        }
        _ => {}
    }
}

fn inner(kind: u8, from: IpAddress, to: IpAddress, payload: &mut [u8]) {
    let length = payload.len() as u16;
    match kind {
        1 => {
            if let Ok(mut icmp) = Icmpv4Packet::new_checked(payload) {
                icmp.fill_checksum();
            }
        }
        6 => {
            if let Ok(mut tcp) = TcpPacket::new_checked(payload) {
                tcp.fill_checksum(&from, &to);
            }
        }
        17 if length >= 8 => {
            payload[4..6].copy_from_slice(&length.to_be_bytes());
            UdpPacket::new_unchecked(payload).fill_checksum(&from, &to);
        }
        _ => {}
    }
}
