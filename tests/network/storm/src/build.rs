use crate::random::Random;
use crate::{Host, Medium};

const BROADCAST: [u8; 6] = [0xff; 6];
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMP6: u8 = 58;

/// A frame in the making.
pub(crate) struct Frame<'a> {
    buffer: &'a mut [u8],
    length: usize,
    random: &'a mut Random,
    medium: Medium,
    target: &'a Host,
    peer: &'a Host,
    /// Where what follows the Ethernet header begins.
    inner: usize,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(
        buffer: &'a mut [u8],
        random: &'a mut Random,
        medium: Medium,
        target: &'a Host,
        peer: &'a Host,
    ) -> Self {
        Self { buffer, length: 0, random, medium, target, peer, inner: 0 }
    }

    /// Its length, and where what follows the Ethernet header begins.
    pub(crate) fn end(self) -> (usize, usize) {
        (self.length, self.inner)
    }

    pub(crate) fn build(&mut self) {
        match self.random.below(16) {
            0..2 if self.medium == Medium::Ethernet => self.arp(),
            2..4 => self.ipv6(),
            _ => self.ipv4(),
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if let Some(place) = self.buffer.get_mut(self.length) {
                *place = *byte;
                self.length += 1;
            }
        }
    }

    fn put_random(&mut self, count: usize) {
        for _ in 0..count {
            let byte = self.random.draw() as u8;
            self.put(&[byte]);
        }
    }

    fn set(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.buffer.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn ethernet(&mut self, kind: u16) {
        if self.medium == Medium::Ethernet {
            let to = if self.random.one_in(8) { BROADCAST } else { self.target.hardware };
            let from = match self.random.below(8) {
                0 => BROADCAST,
                1 => [1, 0, 0x5e, 0, 0, 1],
                2..5 => self.peer.hardware,
                _ => [2, 0, 0, 0, 1, self.random.draw() as u8],
            };
            self.put(&to);
            self.put(&from);
            self.put(&kind.to_be_bytes());
        }
        self.inner = self.length;
    }

    /// Who sends it.
    fn source(&mut self) -> [u8; 4] {
        let [a, b, c, _] = self.target.address;
        match self.random.below(16) {
            0 => self.target.address,
            1 => [255; 4],
            2 => [0; 4],
            3 => [127, 0, 0, 1],
            4 => [224, 0, 0, 1],
            5 => (self.random.draw() as u32).to_be_bytes(),
            6..11 => self.peer.address,
            _ => [a, b, c, 128 | self.random.draw() as u8],
        }
    }

    fn destination(&mut self) -> [u8; 4] {
        let [a, b, c, _] = self.target.address;
        match self.random.below(16) {
            0 => [255; 4],
            1 => [a, b, c, 255],
            2 => [224, 0, 0, 1],
            3 => (self.random.draw() as u32).to_be_bytes(),
            _ => self.target.address,
        }
    }

    fn arp(&mut self) {
        self.ethernet(0x0806);
        self.put(&[0, 1, 8, 0, 6, 4, 0]);
        let operation = self.random.pick(&[1, 1, 2, 2, 0, 3]);
        self.put(&[operation]);
        let hardware = self.random.pick(&[self.peer.hardware, BROADCAST, [0; 6], [2, 0, 0, 0, 1, 7]]);
        let (from, to) = (self.source(), self.destination());
        self.put(&hardware);
        self.put(&from);
        self.put(&[0; 6]);
        self.put(&to);
    }

    fn ipv4(&mut self) {
        self.ethernet(0x0800);
        let ip = self.length;
        let (from, to) = (self.source(), self.destination());
        let protocol = self.random.pick(&[TCP, TCP, TCP, TCP, UDP, UDP, ICMP, ICMP, 2, 0, 255]);
        let words = if self.random.one_in(4) { 1 + self.random.below(10) } else { 0 };
        let fragment: u16 = match self.random.below(12) {
            0 => 0x2000,
            1 => 0x2000 | self.random.below(0x2000) as u16,
            2 => self.random.below(0x2000) as u16,
            3 => 0x8000,
            _ => 0x4000,
        };
        let time_to_live = self.random.pick(&[64, 64, 64, 1, 0, 255]);
        let [ident, service] = [self.random.draw() as u8, 0];
        self.put(&[0x45 + words as u8, service, 0, 0, 0, ident]);
        self.put(&fragment.to_be_bytes());
        self.put(&[time_to_live, protocol, 0, 0]);
        self.put(&from);
        self.put(&to);
        self.options(words * 4);
        let payload = self.length;
        self.payload(protocol);
        let total = (self.length - ip) as u16;
        self.set(ip + 2, &total.to_be_bytes());
        if payload <= self.length && payload - ip >= 20 {
            seal_header(&mut self.buffer[ip..payload]);
        }
        let mut sum = Sum(0);
        sum.add(&from);
        sum.add(&to);
        self.seal(protocol, payload, sum);
    }

    fn ipv6(&mut self) {
        self.ethernet(0x86dd);
        let ip = self.length;
        let protocol = self.random.pick(&[TCP, UDP, ICMP6, 0, 43, 44, 60, 59, 255]);
        let hops = self.random.pick(&[64, 255, 1, 0]);
        self.put(&[0x60, 0, 0, 0, 0, 0, protocol, hops]);
        let mut sum = Sum(0);
        for last in [2, 1] {
            let address = match self.random.below(4) {
                0 => [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
                1 => [0; 16],
                2 => [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, last],
                _ => [0xff; 16],
            };
            self.put(&address);
            sum.add(&address);
        }
        let payload = self.length;
        if matches!(protocol, 0 | 43 | 44 | 60) {
            // Another header, that says how long it is.
            let next = self.random.pick(&[TCP, UDP, ICMP6, 0, 44, 60]);
            let length = self.random.pick(&[0, 0, 1, 255]);
            self.put(&[next, length]);
            self.put_random(6);
            self.payload(next);
        } else {
            self.payload(protocol);
        }
        let length = (self.length - payload) as u16;
        self.set(ip + 4, &length.to_be_bytes());
        self.seal(protocol, payload, sum);
    }

    /// Options of IPv4 or TCP: what they are and how long they say they are is chance.
    fn options(&mut self, bytes: usize) {
        let end = self.length + bytes;
        while self.length < end && self.length < self.buffer.len() {
            let kind = self.random.pick(&[0, 1, 2, 3, 4, 5, 7, 8, 68, 131, 148, 255]);
            let length = self.random.pick(&[0, 1, 2, 3, 4, 10, 18, 255]);
            let bytes = [kind, length, self.random.draw() as u8, self.random.draw() as u8];
            let room = end - self.length;
            self.put(&bytes[..room.min(4)]);
        }
    }

    fn payload(&mut self, protocol: u8) {
        match protocol {
            TCP => self.tcp(),
            UDP => self.udp(),
            ICMP => self.icmp(),
            ICMP6 => {
                let kind = self.random.pick(&[128, 129, 133, 134, 135, 136, 137, 1, 2, 3, 4, 143]);
                self.put(&[kind, 0, 0, 0]);
                let count = self.random.below(64);
                self.put_random(count);
            }
            _ => {
                let count = self.random.below(80);
                self.put_random(count);
            }
        }
    }

    fn tcp(&mut self) {
        let from = match self.random.below(3) {
            0 => self.peer.port,
            1 => 0,
            _ => 1024 | self.random.draw() as u16,
        };
        let to = if self.random.one_in(6) { self.random.draw() as u16 } else { self.target.port };
        let words = if self.random.one_in(2) { self.random.below(11) } else { 0 };
        let offset = if self.random.one_in(8) { self.random.below(16) } else { 5 + words };
        let flags = match self.random.below(4) {
            0 => self.random.draw() as u8,
            // SYN, ACK, SYN and ACK, RST, RST and ACK, FIN and ACK, PSH and ACK
            _ => self.random.pick(&[0x02, 0x02, 0x10, 0x12, 0x04, 0x14, 0x11, 0x18]),
        };
        self.put(&from.to_be_bytes());
        self.put(&to.to_be_bytes());
        for _ in 0..2 {
            let number = match self.random.below(6) {
                0 => 0,
                1 => u32::MAX,
                2 => 1 << 31,
                _ => self.random.draw() as u32,
            };
            self.put(&number.to_be_bytes());
        }
        self.put(&[(offset as u8) << 4, flags]);
        let window = self.random.pick(&[0, 1, 1024, 0xffff]);
        self.put(&u16::to_be_bytes(window));
        let urgent = self.random.pick(&[0, 0, 0, 9]);
        self.put(&[0, 0, 0, urgent]);
        self.options(words * 4);
        let count = if self.random.one_in(3) { self.random.below(200) } else { 0 };
        self.put_random(count);
    }

    fn udp(&mut self) {
        let start = self.length;
        // Echo, DNS, DHCP's two, mDNS.
        let (from, to) = self.random.pick(&[(4000, 7), (53, 4001), (67, 68), (68, 67), (5353, 5353), (0, 0)]);
        self.put(&u16::to_be_bytes(from));
        self.put(&u16::to_be_bytes(to));
        self.put(&[0; 4]);
        if to == 68 {
            self.dhcp();
        } else {
            let count = self.random.below(100);
            self.put_random(count);
        }
        let length = match self.random.below(6) {
            0 => self.random.pick(&[0, 7, 8, 9, 0xffff]),
            _ => (self.length - start) as u16,
        };
        self.set(start + 4, &length.to_be_bytes());
    }

    fn dhcp(&mut self) {
        self.put(&[2, 1, 6, 0]);
        self.put_random(24);
        self.put(&self.target.hardware);
        self.put(&[0; 202]);
        self.put(&[0x63, 0x82, 0x53, 0x63]);
        for _ in 0..self.random.below(12) {
            let kind = self.random.pick(&[53, 1, 3, 6, 51, 54, 58, 59, 0, 255]);
            let length = self.random.pick(&[0, 1, 4, 8, 255]);
            self.put(&[kind, length]);
            let count = self.random.below(9);
            self.put_random(count);
        }
    }

    fn icmp(&mut self) {
        let kind = self.random.pick(&[8, 8, 0, 3, 4, 5, 11, 12, 13, 255]);
        let code = self.random.pick(&[0, 1, 3, 4, 255]);
        self.put(&[kind, code, 0, 0]);
        self.put_random(4);
        if self.random.one_in(2) {
            // The packet that it is about, supposedly one of the target's.
            let (from, to) = (self.target.address, self.peer.address);
            self.put(&[0x45, 0, 0, 40, 0, 0, 0, 0, 64, TCP, 0, 0]);
            self.put(&from);
            self.put(&to);
            self.put(&self.target.port.to_be_bytes());
            self.put(&self.peer.port.to_be_bytes());
        }
        let count = self.random.below(120);
        self.put_random(count);
    }

    /// Puts the checksum of what is in the IP packet, which begins at `at`.
    fn seal(&mut self, protocol: u8, at: usize, mut pseudo: Sum) {
        let (offset, whole) = match protocol {
            TCP => (16, true),
            UDP => (6, true),
            ICMP => (2, false),
            ICMP6 => (2, true),
            _ => return,
        };
        let end = self.length;
        if at + offset + 2 > end {
            return;
        }
        self.set(at + offset, &[0, 0]);
        if whole {
            pseudo.add(&[0, protocol]);
            pseudo.add(&((end - at) as u16).to_be_bytes());
        } else {
            pseudo = Sum(0);
        }
        pseudo.add(&self.buffer[at..end]);
        self.set(at + offset, &pseudo.end());
    }
}

/// Puts the checksum of an IPv4 header of at least 20 bytes.
pub(crate) fn seal_header(header: &mut [u8]) {
    header[10..12].fill(0);
    let mut sum = Sum(0);
    sum.add(header);
    header[10..12].copy_from_slice(&sum.end());
}

/// The sum of which the internet's checksum is made.
struct Sum(u32);

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks(2) {
            let low = pair.get(1).copied().unwrap_or(0);
            self.0 += u32::from(pair[0]) << 8 | u32::from(low);
        }
    }

    fn end(&self) -> [u8; 2] {
        let mut sum = self.0;
        while sum >> 16 != 0 {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        (!(sum as u16)).to_be_bytes()
    }
}
