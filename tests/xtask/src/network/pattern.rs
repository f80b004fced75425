//! What is sent, as `tests/network` has it: bytes that depend on a seed, and a sum that depends on their order.

/// The first so many bytes.
pub fn bytes(count: u32, seed: u32) -> Vec<u8> {
    let byte = |place: u32| {
        (place.wrapping_mul(0x9e37_79b1).wrapping_add(seed.wrapping_mul(0x85eb_ca6b)) >> 24) as u8
    };
    (0..count).map(byte).collect()
}

/// How many bytes there are, and their sum.
pub fn tally(bytes: &[u8]) -> [u32; 2] {
    let sum = bytes.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    [bytes.len() as u32, sum]
}
