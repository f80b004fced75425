//! What is sent in a session: frames that tell whoever has received them whether all came through.

use super::random::Random;

/// A frame's length and the checksum of all bytes so far, its own included.
const HEADER: usize = 8;

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// The checksum of all so far and of what comes behind it, as Python's `zlib.crc32`.
fn checksum(crc: u32, data: &[u8]) -> u32 {
    !data.iter().fold(!crc, |crc, byte| (crc >> 8) ^ TABLE[usize::from(crc as u8 ^ byte)])
}

/// So many bytes in frames. One without any is the last.
pub fn encode(random: &mut Random, total: usize) -> Vec<u8> {
    let (mut frames, mut crc, mut left) = (Vec::new(), 0, total);
    let mut put = |part: &[u8]| {
        crc = checksum(crc, part);
        frames.extend_from_slice(&(part.len() as u32).to_be_bytes());
        frames.extend_from_slice(&crc.to_be_bytes());
        frames.extend_from_slice(part);
    };
    while left > 0 {
        let len = left.min(random.one_of([1, 10, 1000, 20_000]));
        let part: Vec<u8> = (0..len).map(|_| random.number() as u8).collect();
        put(&part);
        left -= len;
    }
    put(&[]);
    frames
}

/// What was received, checked as it comes.
#[derive(Default)]
pub struct Frames {
    buffer: Vec<u8>,
    crc: u32,
    pub total: usize,
    /// The last frame has come.
    pub ended: bool,
    /// The other side has said that it has all.
    pub acknowledged: bool,
}

impl Frames {
    /// # Errors
    /// It is not what was sent.
    pub fn feed(&mut self, data: &[u8]) -> Result<(), String> {
        self.buffer.extend_from_slice(data);
        let mut start = 0;
        while !self.ended && self.buffer.len() - start >= HEADER {
            let number = |at: usize| u32::from_be_bytes(self.buffer[at..at + 4].try_into().unwrap());
            let (len, crc) = (number(start) as usize, number(start + 4));
            let Some(part) = self.buffer.get(start + HEADER..start + HEADER + len) else { break };
            self.crc = checksum(self.crc, part);
            self.total += len;
            start += HEADER + len;
            if self.crc != crc {
                return Err(format!("other bytes than were sent, before {}", self.total));
            }
            self.ended = len == 0;
        }
        self.buffer.drain(..start);
        if self.ended && !self.buffer.is_empty() {
            if self.buffer != b"." || self.acknowledged {
                return Err(format!("{:?} behind the last frame", self.buffer));
            }
            self.acknowledged = true;
            self.buffer.clear();
        }
        Ok(())
    }

    /// How many bytes are still to come, at the least.
    pub fn missing(&self) -> usize {
        match self.buffer.first_chunk() {
            _ if self.ended => 0,
            // A part is missing, or it would have been taken; behind it there is another header.
            Some(len) if self.buffer.len() >= HEADER => {
                2 * HEADER + u32::from_be_bytes(*len) as usize - self.buffer.len()
            }
            _ => HEADER - self.buffer.len(),
        }
    }

    /// # Errors
    /// It is not all.
    pub fn check(&self, total: usize) -> Result<(), String> {
        if self.ended && self.total == total {
            Ok(())
        } else {
            Err(format!("{} bytes of {total}, the last frame included: {}", self.total, self.ended))
        }
    }
}
