//! IPv6 addresses without a server (RFC 4862): a router is asked, and tells of the network.
//!
//! smoltcp has this too. But its client can't be started again when the link comes up or the configuration changes, has
//! the runner wake each millisecond where there is no router, panics when a router advertises a network of multicast
//! addresses, and leaves the DNS servers out.

use core::net::Ipv6Addr;

use embassy_net_driver::TxToken;
use everloop_core::{Duration, Instant};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    EthernetAddress, EthernetFrame, EthernetProtocol, EthernetRepr, Icmpv6Packet, Icmpv6Repr, IpProtocol,
    Ipv6Packet, Ipv6Repr, NdiscRepr,
};

use super::address;

/// Between the first questions. Later it doubles, up to the longest (RFC 7559).
const FIRST_INTERVAL: Duration = Duration::from_secs(4);
const LONGEST_INTERVAL: Duration = Duration::from_secs(3600);
/// How far an advertisement, which anyone could forge, can shorten the life of an address (RFC 4862, 5.5.3).
const SHORTEST_LIFE: Duration = Duration::from_secs(2 * 3600);
/// So many seconds stand for ever.
const FOR_EVER: u32 = u32::MAX;

const ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);
const ALL_ROUTERS_MAC: EthernetAddress = EthernetAddress([0x33, 0x33, 0, 0, 0, 2]);

const ADVERTISEMENT: u8 = 134;
const PREFIX_OPTION: u8 = 3;
const DNS_OPTION: u8 = 25;
/// The prefix is for addresses.
const AUTONOMOUS: u8 = 0x40;

/// Something that is known for a time.
#[derive(Clone, Copy, Debug)]
struct Known {
    what: Ipv6Addr,
    /// None: for ever.
    until: Option<Instant>,
    /// It is from before the link came up: what is told since replaces it.
    stale: bool,
}

impl Known {
    fn new(what: Ipv6Addr, seconds: u32, now: Instant) -> Self {
        Self { what, until: end(seconds, now), stale: false }
    }

    fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now >= until)
    }
}

fn end(seconds: u32, now: Instant) -> Option<Instant> {
    (seconds != FOR_EVER).then(|| now + Duration::from_secs(seconds.into()))
}

/// What routers have told.
pub(super) struct Slaac {
    hardware: EthernetAddress,
    active: bool,
    prefix: Option<Known>,
    router: Option<Known>,
    dns_servers: [Option<Known>; 2],
    /// No router has answered.
    asking: bool,
    ask_at: Instant,
    interval: Duration,
}

impl Slaac {
    pub(super) fn new(hardware: EthernetAddress) -> Self {
        Self {
            hardware,
            active: false,
            prefix: None,
            router: None,
            dns_servers: [None; 2],
            asking: true,
            ask_at: Instant::from_ticks(0),
            interval: FIRST_INTERVAL,
        }
    }

    /// Does as configured, from now on.
    pub(super) fn configure(&mut self, active: bool, now: Instant) {
        if active && self.active {
            return self.restart(now);
        }
        *self = Self { active, ask_at: now, ..Self::new(self.hardware) };
    }

    /// Asks anew, since there may be other routers, and keeps meanwhile what is known.
    pub(super) fn restart(&mut self, now: Instant) {
        let facts = [&mut self.prefix, &mut self.router].into_iter().chain(&mut self.dns_servers);
        for known in facts.flatten() {
            known.stale = true;
        }
        self.ask_from(now);
    }

    fn ask_from(&mut self, now: Instant) {
        self.asking = true;
        self.ask_at = now;
        self.interval = FIRST_INTERVAL;
    }

    /// The address, in a network of 64 bits.
    pub(super) fn address(&self) -> Option<Ipv6Addr> {
        self.prefix.map(|prefix| address::from_hardware(prefix.what, self.hardware.0))
    }

    pub(super) fn router(&self) -> Option<Ipv6Addr> {
        self.router.map(|router| router.what)
    }

    pub(super) fn dns_servers(&self) -> impl Iterator<Item = Ipv6Addr> + use<> {
        self.dns_servers.into_iter().flatten().map(|server| server.what)
    }

    /// Forgets what is over. True if something was.
    pub(super) fn attend(&mut self, now: Instant) -> bool {
        let router_was = self.router.is_some();
        let mut changed = false;
        let facts = [&mut self.prefix, &mut self.router].into_iter().chain(&mut self.dns_servers);
        for known in facts {
            if known.is_some_and(|known| known.is_over(now)) {
                *known = None;
                changed = true;
            }
        }
        if router_was && self.router.is_none() {
            self.ask_from(now);
        }
        changed
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        if !self.active {
            return None;
        }
        let asks = self.asking.then_some(self.ask_at);
        let facts = [self.prefix, self.router].into_iter().chain(self.dns_servers);
        facts.flatten().filter_map(|known| known.until).chain(asks).min()
    }

    /// Whether it is time to ask.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.active && self.asking && now >= self.ask_at
    }

    /// Asks for routers.
    pub(super) fn ask(&mut self, room: impl TxToken, now: Instant) {
        let from = address::from_hardware(address::LINK_LOCAL.address(), self.hardware.0);
        let question = Icmpv6Repr::Ndisc(NdiscRepr::RouterSolicit { lladdr: Some(self.hardware.into()) });
        let ip = Ipv6Repr {
            src_addr: from,
            dst_addr: ALL_ROUTERS,
            next_header: IpProtocol::Icmpv6,
            payload_len: question.buffer_len(),
            hop_limit: 255,
        };
        let ethernet = EthernetRepr {
            src_addr: self.hardware,
            dst_addr: ALL_ROUTERS_MAC,
            ethertype: EthernetProtocol::Ipv6,
        };
        let len = ethernet.buffer_len() + ip.buffer_len() + question.buffer_len();
        room.consume(len, |frame| {
            let mut frame = EthernetFrame::new_unchecked(frame);
            ethernet.emit(&mut frame);
            let mut packet = Ipv6Packet::new_unchecked(frame.payload_mut());
            ip.emit(&mut packet);
            let mut icmp = Icmpv6Packet::new_unchecked(packet.payload_mut());
            question.emit(&from, &ALL_ROUTERS, &mut icmp, &ChecksumCapabilities::default());
        });
        self.ask_at = now + self.interval;
        self.interval = (self.interval * 2).min(LONGEST_INTERVAL);
    }

    /// Takes in what a router tells, if the packet is that. True if something changed.
    pub(super) fn heed(&mut self, packet: &Ipv6Packet<&[u8]>, now: Instant) -> bool {
        if !self.active || packet.next_header() != IpProtocol::Icmpv6 || packet.hop_limit() != 255 {
            return false;
        }
        let (from, to) = (packet.src_addr(), packet.dst_addr());
        let payload = packet.payload();
        let Ok(icmp) = Icmpv6Packet::new_checked(payload) else { return false };
        let link = from.is_unicast_link_local() && address::LINK_LOCAL.contains_addr(&from);
        let ours = to.is_multicast() || to.is_unicast_link_local();
        if payload[0] != ADVERTISEMENT || !link || !ours || !icmp.verify_checksum(&from, &to) {
            return false;
        }
        // Hop limit, flags, the router's life, two times that smoltcp has its own for, options.
        let [_, 0, _, _, _, _, life_high, life_low, _, _, _, _, _, _, _, _, options @ ..] = payload else {
            return false;
        };
        let life = u16::from_be_bytes([*life_high, *life_low]);
        let mut changed = self.heed_router(from, life, now);
        for option in Options(options) {
            changed |= match *option {
                [
                    PREFIX_OPTION,
                    4,
                    64,
                    flags,
                    v0,
                    v1,
                    v2,
                    v3,
                    p0,
                    p1,
                    p2,
                    p3,
                    _,
                    _,
                    _,
                    _,
                    ref prefix @ ..,
                ] if flags & AUTONOMOUS != 0 => {
                    let valid = u32::from_be_bytes([v0, v1, v2, v3]);
                    let preferred = u32::from_be_bytes([p0, p1, p2, p3]);
                    preferred <= valid && self.heed_prefix(prefix, valid, now)
                }
                [DNS_OPTION, _, _, _, l0, l1, l2, l3, ref servers @ ..] => {
                    self.heed_dns_servers(servers, u32::from_be_bytes([l0, l1, l2, l3]), now)
                }
                _ => false,
            };
        }
        changed
    }

    fn heed_router(&mut self, from: Ipv6Addr, life: u16, now: Instant) -> bool {
        match (self.router, life) {
            (Some(known), 0) if known.what == from => {
                self.router = None;
                self.ask_from(now);
                true
            }
            (_, 0) => false,
            (Some(known), _) if known.what != from && !known.stale => false,
            (known, _) => {
                self.router = Some(Known::new(from, life.into(), now));
                self.asking = false;
                known.is_none_or(|known| known.what != from)
            }
        }
    }

    fn heed_prefix(&mut self, prefix: &[u8], valid: u32, now: Instant) -> bool {
        let Ok(octets) = <[u8; 16]>::try_from(prefix) else { return false };
        let prefix = address::network_v6(octets.into());
        if !address::is_single_v6(prefix) || prefix.is_unicast_link_local() {
            return false;
        }
        match &mut self.prefix {
            Some(known) if known.what == prefix => {
                let new = end(valid, now);
                let shortest = now + SHORTEST_LIFE;
                known.stale = false;
                known.until = match (known.until, new) {
                    (_, None) => None,
                    (Some(old), Some(new)) if new >= old => Some(new),
                    (_, Some(new)) if new >= shortest => Some(new),
                    // It may still be shorter than that by itself.
                    (Some(old), Some(_)) => Some(old.min(shortest)),
                    (None, Some(_)) => Some(shortest),
                };
                false
            }
            Some(known) if !known.stale => false,
            _ if valid == 0 => false,
            place => {
                *place = Some(Known::new(prefix, valid, now));
                true
            }
        }
    }

    fn heed_dns_servers(&mut self, servers: &[u8], life: u32, now: Instant) -> bool {
        let (servers, _) = servers.as_chunks::<16>();
        let mut changed = false;
        for server in servers.iter().map(|octets| Ipv6Addr::from(*octets)) {
            if !address::is_single_v6(server) {
                continue;
            }
            let same = |known: &Option<Known>| known.is_some_and(|known| known.what == server);
            let place = self.dns_servers.iter().position(same);
            let free = |known: &Option<Known>| known.is_none_or(|known| known.stale);
            let place = place.or_else(|| self.dns_servers.iter().position(free));
            if let Some(place) = place {
                changed |= same(&self.dns_servers[place]) == (life == 0);
                self.dns_servers[place] = (life != 0).then(|| Known::new(server, life, now));
            }
        }
        changed
    }
}

/// The options of an advertisement, up to one that makes no sense.
struct Options<'p>(&'p [u8]);

impl<'p> Iterator for Options<'p> {
    type Item = &'p [u8];

    fn next(&mut self) -> Option<&'p [u8]> {
        // The length counts eight bytes each.
        let len = self.0.get(1).filter(|len| **len > 0)?;
        let (option, rest) = self.0.split_at_checked(usize::from(*len) * 8)?;
        self.0 = rest;
        Some(option)
    }
}
