use crate::random::Random;
use crate::{Host, Medium};

/// Random bytes, half of which say that they are for the target.
pub(crate) fn noise(random: &mut Random, medium: Medium, target: &Host, buffer: &mut [u8]) -> usize {
    let length = random.below(160).min(buffer.len());
    let frame = &mut buffer[..length];
    frame.fill_with(|| random.draw() as u8);
    if random.one_in(2) {
        match medium {
            Medium::Ethernet if length >= 15 => {
                frame[..6].copy_from_slice(&target.hardware);
                let (kind, first) = random.pick(&[([8, 0], 0x45), ([8, 6], 0), ([0x86, 0xdd], 0x60)]);
                frame[12..14].copy_from_slice(&kind);
                frame[14] = first;
            }
            Medium::Ip if length >= 1 => frame[0] = random.pick(&[0x45, 0x60]),
            _ => {}
        }
    }
    length
}

/// Spoils a frame whose IP packet, or whatever it is, begins at `ip`. Gives its new length.
pub(crate) fn damage(random: &mut Random, buffer: &mut [u8], length: usize, ip: usize) -> usize {
    let mut length = length.min(buffer.len());
    for _ in 0..1 + random.below(3) {
        if length == 0 {
            break;
        }
        match random.below(6) {
            0 => buffer[random.below(length)] ^= 1 << random.below(8),
            1 => buffer[random.below(length)] = random.draw() as u8,
            // Headers are short, and what they say matters most.
            2 => buffer[random.below(length.min(ip + 60))] = random.pick(&[0, 1, 0x7f, 0x80, 0xff]),
            3 => length = random.below(length + 1),
            4 => {
                let more = random.below(48).min(buffer.len() - length);
                buffer[length..length + more].fill_with(|| random.draw() as u8);
                length += more;
            }
            // A lie about the length, which the header's checksum may give away or not.
            _ if length >= ip + 20 => {
                let lie = random.pick(&[0, 1, 19, 20, 21, 28, 40, length as u16, 0x7fff, 0xffff]);
                buffer[ip + 2..ip + 4].copy_from_slice(&lie.to_be_bytes());
                if random.one_in(2) {
                    let header = usize::from(buffer[ip] & 15) * 4;
                    if (20..=length - ip).contains(&header) {
                        crate::build::seal_header(&mut buffer[ip..ip + header]);
                    }
                }
            }
            _ => length -= 1,
        }
    }
    length
}
