//! A storm of malformed frames: each is built as a valid one of some protocol with odd values in its fields, and then
//! mostly damaged. The same seed gives the same frames. Without an allocator, so that firmware can make them too.

#![no_std]

mod build;
mod damage;
mod random;

pub use random::Random;

use build::Frame;

/// What the frames begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// An Ethernet header.
    Ethernet,
    /// An IP header.
    Ip,
}

/// A host, as the frames name it.
#[derive(Clone, Copy, Debug)]
pub struct Host {
    /// Its hardware address; of no meaning on [`Medium::Ip`].
    pub hardware: [u8; 6],
    /// Its address.
    pub address: [u8; 4],
    /// The port that its connections have, or that it listens on.
    pub port: u16,
}

/// Frames without end.
#[derive(Clone, Debug)]
pub struct Storm {
    random: Random,
    medium: Medium,
    target: Host,
    peer: Host,
}

impl Storm {
    /// Frames for `target`, some of which claim to be from `peer`.
    pub fn new(seed: u64, medium: Medium, target: Host, peer: Host) -> Self {
        Self { random: Random::new(seed), medium, target, peer }
    }

    /// Writes the next frame to the start of `buffer`, and gives its length. It is cut off where `buffer` ends; 1514
    /// bytes are enough for all.
    pub fn fill(&mut self, buffer: &mut [u8]) -> usize {
        let Self { random, medium, target, peer } = self;
        if random.one_in(16) {
            return damage::noise(random, *medium, target, buffer);
        }
        let mut frame = Frame::new(buffer, random, *medium, target, peer);
        frame.build();
        let (length, ip) = frame.end();
        let length = if random.one_in(3) { length } else { damage::damage(random, buffer, length, ip) };
        length.min(buffer.len())
    }
}
