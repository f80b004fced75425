use std::cell::RefCell;
use std::rc::Rc;

use everloop_storm::Random;
use smoltcp::phy::{Device, DeviceCapabilities, FaultInjector, RxToken, TxToken};
use smoltcp::time::Instant;

/// The Ethernet header's bytes.
const HEADER: usize = 14;
/// What is held back comes after so many later frames at most.
const LATE: usize = 6;

/// What goes wrong on the way: smoltcp's injector loses and corrupts frames; others come twice or out of order.
pub struct Faults {
    injector: FaultInjector<Hand>,
    hand: Hand,
    random: Random,
    percent: usize,
    /// What is held back on the way from each side, and how many frames overtake it yet.
    held: [Vec<(usize, Vec<u8>)>; 2],
    pub counts: Counts,
}

/// How often what went wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub frames: usize,
    pub lost: usize,
    pub corrupt: usize,
    pub twice: usize,
    pub late: usize,
}

impl Faults {
    /// Each fault befalls `percent` of a hundred frames.
    pub fn new(seed: u32, percent: u8) -> Self {
        let hand = Hand::default();
        // A seed of zero would give zeros only.
        let mut injector = FaultInjector::new(hand.clone(), seed.wrapping_mul(2_654_435_761) | 1);
        injector.set_drop_chance(percent);
        injector.set_corrupt_chance(percent);
        Self {
            injector,
            hand,
            random: Random::new(seed.into()),
            percent: percent.into(),
            held: Default::default(),
            counts: Counts::default(),
        }
    }

    fn happens(&mut self) -> bool {
        self.random.below(100) < self.percent
    }

    /// What arrives when this frame is sent.
    pub fn pass(&mut self, from: usize, frame: Vec<u8>) -> Vec<Vec<u8>> {
        self.counts.frames += 1;
        let mut arrive = Vec::new();
        match self.inject(frame) {
            None => self.counts.lost += 1,
            Some(frame) if self.happens() => {
                self.counts.late += 1;
                self.held[from].push((1 + self.random.below(LATE), frame));
            }
            Some(frame) => {
                if self.happens() {
                    self.counts.twice += 1;
                    // The second one may be late.
                    match self.random.below(2) {
                        0 => arrive.push(frame.clone()),
                        _ => self.held[from].push((1 + self.random.below(LATE), frame.clone())),
                    }
                }
                arrive.push(frame);
            }
        }
        for (left, _) in &mut self.held[from] {
            *left -= 1;
        }
        arrive.extend(self.held[from].extract_if(.., |(left, _)| *left == 0).map(|(_, frame)| frame));
        arrive
    }

    /// Loses or corrupts the frame, or does not.
    ///
    /// Only IPv4 is corrupted, from its first byte on, as by a router with bad memory: the Ethernet header and ARP have
    /// no checksum but that of the frame, by which the network interface drops what a cable has spoilt.
    fn inject(&mut self, frame: Vec<u8>) -> Option<Vec<u8>> {
        if frame[12..14] != [8, 0] {
            return if self.happens() { None } else { Some(frame) };
        }
        let (header, packet) = frame.split_at(HEADER);
        *self.hand.0.borrow_mut() = Some(packet.to_vec());
        let (token, _) = self.injector.receive(Instant::ZERO)?;
        let passed = token.consume(|packet| [header, packet].concat());
        self.counts.corrupt += usize::from(passed != frame);
        Some(passed)
    }
}

/// The one packet that the injector is to receive.
#[derive(Clone, Default)]
struct Hand(Rc<RefCell<Option<Vec<u8>>>>);

impl Device for Hand {
    type RxToken<'a> = Packet;
    type TxToken<'a> = Nowhere;

    fn receive(&mut self, _: Instant) -> Option<(Packet, Nowhere)> {
        self.0.borrow_mut().take().map(|packet| (Packet(packet), Nowhere))
    }

    fn transmit(&mut self, _: Instant) -> Option<Nowhere> {
        None
    }

    fn capabilities(&self) -> DeviceCapabilities {
        DeviceCapabilities::default()
    }
}

struct Packet(Vec<u8>);

impl RxToken for Packet {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

struct Nowhere;

impl TxToken for Nowhere {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, f: F) -> R {
        f(&mut vec![0; len])
    }
}
