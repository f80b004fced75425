//! A DHCP server on the wire, honest or not.

use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::rc::Rc;

use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    DhcpMessageType, DhcpPacket, DhcpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, EthernetRepr,
    IpProtocol, Ipv4Packet, Ipv4Repr, UdpPacket, UdpRepr,
};

use crate::wire::Wire;

pub const SERVER_MAC: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 1]);

/// What it lends, and what it has seen.
pub struct Terms {
    pub source: Ipv4Addr,
    pub address: Ipv4Addr,
    pub mask: Option<Ipv4Addr>,
    pub router: Option<Ipv4Addr>,
    pub dns_servers: Vec<Ipv4Addr>,
    pub lease: Option<u32>,
    pub renew: Option<u32>,
    pub rebind: Option<u32>,
    pub silent: bool,
    /// Only what is sent to all is heard.
    pub deaf_to_unicast: bool,
    pub refuses: bool,
    pub refuses_once: bool,
    pub wrong_transaction: bool,
    pub nameless: bool,
    /// What was asked: the kind, whether it was sent to all, and the hostname.
    pub asked: Vec<(DhcpMessageType, bool, String)>,
}

#[derive(Clone)]
pub struct DhcpServer(pub Rc<RefCell<Terms>>);

impl DhcpServer {
    /// One that lends 10.0.0.2 for an hour.
    pub fn on(wire: &Wire) -> Self {
        let server = Self(Rc::new(RefCell::new(Terms {
            source: Ipv4Addr::new(10, 0, 0, 1),
            address: Ipv4Addr::new(10, 0, 0, 2),
            mask: Some(Ipv4Addr::new(255, 255, 255, 0)),
            router: Some(Ipv4Addr::new(10, 0, 0, 1)),
            dns_servers: vec![Ipv4Addr::new(10, 0, 0, 53)],
            lease: Some(3600),
            renew: None,
            rebind: None,
            silent: false,
            deaf_to_unicast: false,
            refuses: false,
            refuses_once: false,
            wrong_transaction: false,
            nameless: false,
            asked: Vec::new(),
        })));
        let terms = server.clone();
        wire.set_answer(Box::new(move |frame| terms.answer(frame).into_iter().collect()));
        server
    }

    pub fn set(&self, change: impl FnOnce(&mut Terms)) {
        change(&mut self.0.borrow_mut());
    }

    pub fn asked(&self) -> Vec<(DhcpMessageType, bool, String)> {
        self.0.borrow().asked.clone()
    }

    /// How often this was asked.
    pub fn count(&self, kind: DhcpMessageType) -> usize {
        self.asked().iter().filter(|(asked, ..)| *asked == kind).count()
    }

    pub fn answer(&self, frame: &[u8]) -> Option<Vec<u8>> {
        let ethernet = EthernetFrame::new_checked(frame).ok()?;
        if ethernet.ethertype() != EthernetProtocol::Ipv4 {
            return None;
        }
        let ip = Ipv4Packet::new_checked(ethernet.payload()).ok()?;
        if ip.next_header() != IpProtocol::Udp {
            return None;
        }
        let udp = UdpPacket::new_checked(ip.payload()).ok()?;
        if udp.dst_port() != 67 {
            return None;
        }
        let packet = DhcpPacket::new_checked(udp.payload()).ok()?;
        let hostname = packet.options().find(|option| option.kind == 12);
        let hostname = hostname.map(|option| String::from_utf8_lossy(option.data).into_owned());
        let question = DhcpRepr::parse(&packet).ok()?;
        let mut terms = self.0.borrow_mut();
        let to_all = ip.dst_addr().is_broadcast();
        terms.asked.push((question.message_type, to_all, hostname.unwrap_or_default()));
        if terms.silent || terms.deaf_to_unicast && !to_all {
            return None;
        }
        let asks = question.message_type == DhcpMessageType::Request;
        let refuses = terms.refuses || asks && core::mem::take(&mut terms.refuses_once);
        let kind = match question.message_type {
            DhcpMessageType::Discover => DhcpMessageType::Offer,
            DhcpMessageType::Request if refuses => DhcpMessageType::Nak,
            DhcpMessageType::Request => DhcpMessageType::Ack,
            _ => return None,
        };
        Some(terms.frame(kind, &question))
    }
}

impl Terms {
    fn frame(&self, kind: DhcpMessageType, question: &DhcpRepr<'_>) -> Vec<u8> {
        let lends = kind != DhcpMessageType::Nak;
        let answer = DhcpRepr {
            message_type: kind,
            transaction_id: question.transaction_id.wrapping_add(self.wrong_transaction.into()),
            secs: 0,
            client_hardware_address: question.client_hardware_address,
            client_ip: Ipv4Addr::UNSPECIFIED,
            your_ip: if lends { self.address } else { Ipv4Addr::UNSPECIFIED },
            server_ip: Ipv4Addr::UNSPECIFIED,
            router: self.router.filter(|_| lends),
            subnet_mask: self.mask.filter(|_| lends),
            relay_agent_ip: Ipv4Addr::UNSPECIFIED,
            broadcast: false,
            requested_ip: None,
            client_identifier: None,
            server_identifier: (!self.nameless).then_some(self.source),
            parameter_request_list: None,
            dns_servers: Some(self.dns_servers.iter().copied().collect()),
            max_size: None,
            lease_duration: self.lease.filter(|_| lends),
            renew_duration: self.renew,
            rebind_duration: self.rebind,
            additional_options: &[],
        };
        let udp = UdpRepr { src_port: 67, dst_port: 68 };
        let ip = Ipv4Repr {
            src_addr: self.source,
            dst_addr: Ipv4Addr::BROADCAST,
            next_header: IpProtocol::Udp,
            payload_len: 8 + answer.buffer_len(),
            hop_limit: 64,
        };
        let ethernet = EthernetRepr {
            src_addr: SERVER_MAC,
            dst_addr: question.client_hardware_address,
            ethertype: EthernetProtocol::Ipv4,
        };
        let mut bytes = vec![0; 14 + ip.buffer_len() + ip.payload_len];
        let mut frame = EthernetFrame::new_unchecked(&mut bytes);
        ethernet.emit(&mut frame);
        let mut packet = Ipv4Packet::new_unchecked(frame.payload_mut());
        ip.emit(&mut packet, &ChecksumCapabilities::default());
        udp.emit(
            &mut UdpPacket::new_unchecked(packet.payload_mut()),
            &self.source.into(),
            &Ipv4Addr::BROADCAST.into(),
            answer.buffer_len(),
            |payload| answer.emit(&mut DhcpPacket::new_unchecked(payload)).unwrap(),
            &ChecksumCapabilities::default(),
        );
        bytes
    }
}
