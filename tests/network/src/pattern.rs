//! What is sent: bytes that depend on a seed, and a sum that depends on their order.

/// The byte at a place.
pub fn byte_at(seed: u32, place: u32) -> u8 {
    (place.wrapping_mul(0x9e37_79b1).wrapping_add(seed.wrapping_mul(0x85eb_ca6b)) >> 24) as u8
}

/// Writes the bytes from a place on.
pub fn fill(target: &mut [u8], seed: u32, from: u32) {
    for (byte, place) in target.iter_mut().zip(from..) {
        *byte = byte_at(seed, place);
    }
}

/// How many bytes there were, and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub count: u32,
    pub sum: u32,
}

impl Tally {
    /// What the first `count` bytes of a seed come to.
    pub fn of(count: u32, seed: u32) -> Self {
        let sum = (0..count).fold(0, |sum, place| step(sum, byte_at(seed, place)));
        Self { count, sum }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        self.count += bytes.len() as u32;
        self.sum = bytes.iter().fold(self.sum, |sum, byte| step(sum, *byte));
    }
}

fn step(sum: u32, byte: u8) -> u32 {
    sum.wrapping_mul(31).wrapping_add(u32::from(byte))
}

/// Numbers that look random and are the same in each run (xorshift).
pub struct Dice(u32);

impl Dice {
    pub fn new(seed: u32) -> Self {
        Self(seed | 1)
    }

    /// From 1 to `most`.
    pub fn roll(&mut self, most: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        1 + self.0 % most
    }
}
