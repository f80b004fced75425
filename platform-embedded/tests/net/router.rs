//! A router on the wire that answers questions for routers, honest or not.

use std::cell::{Cell, RefCell};
use std::net::Ipv6Addr;
use std::rc::Rc;

use smoltcp::wire::{Icmpv6Packet, Ipv6Packet};

use crate::wire::Wire;
use crate::world::CLIENT;

pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// What it tells.
#[derive(Clone)]
pub struct Advert {
    pub source: Ipv6Addr,
    pub to: Ipv6Addr,
    pub hop_limit: u8,
    /// Of the router, in seconds.
    pub life: u16,
    pub options: Vec<u8>,
    pub damaged: bool,
}

impl Advert {
    pub fn new(options: &[&[u8]]) -> Self {
        Self {
            source: crate::ipv6::link_local(0),
            to: ALL_NODES,
            hop_limit: 255,
            life: 1800,
            options: options.concat(),
            damaged: false,
        }
    }

    pub fn frame(&self) -> Vec<u8> {
        let len = 16 + self.options.len();
        let mut bytes = vec![0; 54 + len];
        bytes[..14].copy_from_slice(&[0x33, 0x33, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0x86, 0xdd]);
        bytes[14] = 0x60;
        bytes[18..20].copy_from_slice(&(len as u16).to_be_bytes());
        bytes[20] = 58;
        bytes[21] = self.hop_limit;
        bytes[22..38].copy_from_slice(&self.source.octets());
        bytes[38..54].copy_from_slice(&self.to.octets());
        bytes[54] = 134;
        bytes[60..62].copy_from_slice(&self.life.to_be_bytes());
        bytes[70..].copy_from_slice(&self.options);
        Icmpv6Packet::new_unchecked(&mut bytes[54..]).fill_checksum(&self.source, &self.to);
        if self.damaged {
            bytes[56] ^= 1;
        }
        bytes
    }
}

/// The option for a network of 64 bits.
pub fn prefix(network: &str, valid: u32, preferred: u32) -> Vec<u8> {
    prefix_of(network, 64, 0xc0, valid, preferred)
}

pub fn prefix_of(network: &str, bits: u8, flags: u8, valid: u32, preferred: u32) -> Vec<u8> {
    let mut option = vec![3, 4, bits, flags];
    option.extend(valid.to_be_bytes());
    option.extend(preferred.to_be_bytes());
    option.extend([0; 4]);
    option.extend(network.parse::<Ipv6Addr>().unwrap().octets());
    option
}

/// The option for DNS servers.
pub fn dns(servers: &[&str], life: u32) -> Vec<u8> {
    let mut option = vec![25, 1 + 2 * servers.len() as u8, 0, 0];
    option.extend(life.to_be_bytes());
    for server in servers {
        option.extend(server.parse::<Ipv6Addr>().unwrap().octets());
    }
    option
}

#[derive(Clone)]
pub struct Router {
    wire: Wire,
    advert: Rc<RefCell<Option<Advert>>>,
    asked: Rc<Cell<usize>>,
}

impl Router {
    /// One that answers with this, if at all.
    pub fn on(wire: &Wire, advert: Option<Advert>) -> Self {
        let router = Self { wire: wire.clone(), advert: Rc::new(RefCell::new(advert)), asked: Rc::default() };
        let (advert, asked) = (router.advert.clone(), router.asked.clone());
        wire.set_answer(Box::new(move |frame| {
            if !is_question(frame) {
                return Vec::new();
            }
            asked.set(asked.get() + 1);
            advert.borrow().iter().map(Advert::frame).collect()
        }));
        router
    }

    pub fn set(&self, advert: Option<Advert>) {
        *self.advert.borrow_mut() = advert;
    }

    /// Tells without having been asked.
    pub fn tell(&self, advert: &Advert) {
        self.wire.inject(CLIENT, advert.frame());
    }

    pub fn asked(&self) -> usize {
        self.asked.get()
    }
}

fn is_question(frame: &[u8]) -> bool {
    if frame[12..14] != [0x86, 0xdd] || frame[20] != 58 || frame[54] != 133 {
        return false;
    }
    let ip = Ipv6Packet::new_checked(&frame[14..]).unwrap();
    let icmp = Icmpv6Packet::new_checked(ip.payload()).unwrap();
    assert!(icmp.verify_checksum(&ip.src_addr(), &ip.dst_addr()));
    assert_eq!((ip.src_addr(), ip.hop_limit()), (crate::ipv6::link_local(CLIENT), 255));
    // The option with the hardware address.
    assert_eq!(&frame[62..], &[1, 1, 2, 0, 0, 0, 0, 2]);
    true
}
