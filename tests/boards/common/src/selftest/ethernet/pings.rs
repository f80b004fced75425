//! Echo requests to the gateway of QEMU's user network, which answers at once.

use super::super::{Outcome, Reason};
use super::echo::Echo;
use super::link::{BROADCAST, GATEWAY, OURS, SECOND, address, ask_gateway, byte_at, receive, send};
use crate::ensure;
use embassy_net_driver::Driver;

const IPV4: [u8; 2] = [0x08, 0x00];
/// Ethernet, IP and ICMP ahead of what is echoed.
const HEADERS: usize = 14 + 20 + 8;

/// Echo requests to the gateway, and its answers.
pub struct Pings<D> {
    /// The driver.
    pub driver: D,
    /// The gateway's address, once it has answered.
    gateway: [u8; 6],
}

impl<D: Driver> Pings<D> {
    /// Nothing can be sent before the gateway has [answered](Self::gets_an_answer).
    pub(super) fn new(driver: D) -> Self {
        Self { driver, gateway: BROADCAST }
    }

    /// Finds the gateway.
    pub(super) fn gets_an_answer(&mut self) -> Outcome {
        self.gateway = ask_gateway(&mut self.driver)?;
        Ok(())
    }
}

impl<D: Driver> Echo for Pings<D> {
    type Driver = D;
    const SHORTEST: usize = HEADERS;
    const AT_ONCE: bool = false;

    fn driver(&mut self) -> &mut D {
        &mut self.driver
    }

    fn send(&mut self, len: usize, number: u16) -> Outcome {
        let (ours, gateway) = (address(&self.driver), self.gateway);
        send(&mut self.driver, len, |frame| {
            frame[..6].copy_from_slice(&gateway);
            frame[6..12].copy_from_slice(&ours);
            frame[12..14].copy_from_slice(&IPV4);
            let ip = &mut frame[14..];
            // Version and header, no service, length, no fragment, time to live, ICMP.
            ip[..12].copy_from_slice(&[0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0]);
            ip[2..4].copy_from_slice(&(len as u16 - 14).to_be_bytes());
            ip[12..16].copy_from_slice(&OURS);
            ip[16..20].copy_from_slice(&GATEWAY);
            let sum = checksum(&ip[..20]);
            ip[10..12].copy_from_slice(&sum);
            let icmp = &mut ip[20..];
            icmp[..6].copy_from_slice(&[8, 0, 0, 0, 0, 1]);
            icmp[6..8].copy_from_slice(&number.to_be_bytes());
            for (place, byte) in icmp.iter_mut().enumerate().skip(8) {
                *byte = byte_at(place, number);
            }
            let sum = checksum(icmp);
            icmp[2..4].copy_from_slice(&sum);
        })
    }

    fn receive(&mut self, len: usize, number: u16) -> Outcome {
        let ours = address(&self.driver);
        let checked = receive(&mut self.driver, IPV4, SECOND, |frame| {
            // A shorter frame than Ethernet's shortest is padded on its way, unless it never leaves the host.
            ensure!([len, len.max(60)].contains(&frame.len()), "received {} bytes of {len}", frame.len());
            ensure!(frame[..6] == ours, "an answer to {:x?}", &frame[..6]);
            let icmp = &frame[34..len];
            ensure!(icmp[0] == 0 && icmp[6..8] == number.to_be_bytes(), "another answer: {:x?}", &icmp[..8]);
            let wrong = (8..icmp.len()).find(|&place| icmp[place] != byte_at(place, number));
            ensure!(wrong.is_none(), "wrong contents at {wrong:?} of {len}");
            Ok(())
        });
        checked.unwrap_or_else(|| Err(Reason::new(format_args!("an echo of {len} bytes was not received"))))
    }

    fn drain(&mut self) -> usize {
        core::iter::from_fn(|| receive(&mut self.driver, IPV4, SECOND / 50, |_| ())).count()
    }
}

/// The internet's.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let words = bytes.chunks(2).map(|word| u32::from_be_bytes([0, 0, word[0], *word.get(1).unwrap_or(&0)]));
    let sum: u32 = words.sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    (!(sum + (sum >> 16)) as u16).to_be_bytes()
}
