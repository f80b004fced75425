//! A network driver, by what `embassy-net-driver` offers, against QEMU's user network: the gateway there echoes whatever
//! it is sent as an ICMP echo request, at once.

use super::{Flag, Outcome, Reason, Report, wait_until};
use crate::ensure;
use core::task::Context;
use embassy_net_driver::{Driver, HardwareAddress, LinkState, RxToken, TxToken};

const SECOND: u64 = embassy_time_driver::TICK_HZ;
const BROADCAST: [u8; 6] = [0xff; 6];
const ARP: [u8; 2] = [0x08, 0x06];
const IPV4: [u8; 2] = [0x08, 0x00];
const OURS: [u8; 4] = [10, 0, 2, 15];
const GATEWAY: [u8; 4] = [10, 0, 2, 2];
/// The longest frame that is allowed.
const MTU: usize = 1514;
/// Ethernet, IP and ICMP ahead of what is echoed.
const HEADERS: usize = 14 + 20 + 8;
/// More frames than any driver here and its device can hold.
const MANY: u16 = 62;

static WOKEN: Flag = Flag::new();
static ROOM: Flag = Flag::new();

/// Runs the tests; then what to send more echo requests with, unless the network does not answer.
pub fn run<D: Driver>(report: &mut Report, driver: D) -> Pings<D> {
    let mut pings = Pings { driver, gateway: BROADCAST };
    report.test("ethernet::has_an_address", || has_an_address(&pings.driver));
    report.test("ethernet::has_a_link", || has_a_link(&mut pings.driver));
    report.test("ethernet::gets_an_answer", || gets_an_answer(&mut pings));
    report.test("ethernet::arrival_wakes_once", || arrival_wakes_once(&mut pings));
    report.test("ethernet::every_length_is_received", || every_length_is_received(&mut pings));
    report.test("ethernet::dropped_token_changes_nothing", || dropped_token_changes_nothing(&mut pings));
    report.test("ethernet::more_frames_than_places_come_in_order", || more_frames_than_places(&mut pings));
    report
        .test("ethernet::less_than_a_header_harms_nothing", || less_than_a_header_harms_nothing(&mut pings));
    pings
}

fn address(driver: &impl Driver) -> [u8; 6] {
    match driver.hardware_address() {
        HardwareAddress::Ethernet(address) => address,
        _ => [0; 6],
    }
}

/// Sends a frame when there is room.
fn send(driver: &mut impl Driver, len: usize, fill: impl FnOnce(&mut [u8])) -> Outcome {
    let waker = ROOM.waker();
    let cx = &mut Context::from_waker(&waker);
    loop {
        if let Some(token) = driver.transmit(cx) {
            token.consume(len, fill);
            return Ok(());
        }
        let (room, _) = wait_until(SECOND, || ROOM.wakes() > 0);
        ensure!(room, "no room to send came within a second");
        ROOM.clear();
    }
}

/// Hands on the next frame of a type; `None` if nothing comes within `limit`. Asks again only after a wake.
fn receive<R>(
    driver: &mut impl Driver,
    kind: [u8; 2],
    limit: u64,
    take: impl FnOnce(&[u8]) -> R,
) -> Option<R> {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    let mut take = Some(take);
    loop {
        WOKEN.clear();
        match driver.receive(cx) {
            Some((token, _)) => {
                let taken = token
                    .consume(|frame| (frame[12..14] == kind).then(|| take.take().map(|take| take(frame))));
                if let Some(taken) = taken {
                    return taken;
                }
            }
            None => {
                let (woken, _) = wait_until(limit, || WOKEN.wakes() > 0);
                if !woken {
                    return None;
                }
            }
        }
    }
}

fn has_an_address(driver: &impl Driver) -> Outcome {
    let address = address(driver);
    ensure!(address[0] & 1 == 0 && address != [0; 6], "{address:x?} is no station's address");
    ensure!(driver.capabilities().max_transmission_unit == MTU, "frames are not {MTU} bytes");
    Ok(())
}

fn has_a_link(driver: &mut impl Driver) -> Outcome {
    let waker = WOKEN.waker();
    ensure!(driver.link_state(&mut Context::from_waker(&waker)) == LinkState::Up, "the link is down");
    Ok(())
}

/// Asks QEMU's user network for the address of its gateway, which so learns of ours.
fn gets_an_answer(pings: &mut Pings<impl Driver>) -> Outcome {
    let Pings { driver, gateway } = pings;
    let ours = address(driver);
    send(driver, 42, |frame| {
        frame[..6].copy_from_slice(&BROADCAST);
        frame[6..12].copy_from_slice(&ours);
        frame[12..14].copy_from_slice(&ARP);
        // Ethernet, IPv4, their lengths, a request.
        frame[14..22].copy_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
        frame[22..28].copy_from_slice(&ours);
        frame[28..32].copy_from_slice(&OURS);
        frame[32..38].fill(0);
        frame[38..42].copy_from_slice(&GATEWAY);
    })?;
    let answered = receive(driver, ARP, 3 * SECOND, |frame| {
        ensure!(frame.len() >= 42, "an answer of {} bytes", frame.len());
        ensure!(frame[..6] == ours, "an answer to {:x?}", &frame[..6]);
        ensure!(frame[14..22] == [0, 1, 8, 0, 6, 4, 0, 2], "no answer, but {:x?}", &frame[14..22]);
        ensure!(frame[28..32] == GATEWAY, "an answer by {:?}", &frame[28..32]);
        ensure!(frame[32..38] == ours, "an answer for {:x?}", &frame[32..38]);
        gateway.copy_from_slice(&frame[22..28]);
        Ok(())
    });
    answered.unwrap_or_else(|| Err(Reason::new(format_args!("no answer came; is there a `-nic user`?"))))
}

/// Echo requests to the gateway, and its answers.
pub struct Pings<D> {
    /// The driver.
    pub driver: D,
    /// The gateway's address, once it has answered.
    gateway: [u8; 6],
}

impl<D: Driver> Pings<D> {
    /// Sends an echo request whose frame has this length, and contents that depend on a number.
    pub fn send(&mut self, len: usize, number: u16) -> Outcome {
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

    /// Receives an answer and checks that it has all that was sent.
    pub fn receive(&mut self, len: usize, number: u16) -> Outcome {
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

    /// Takes answers until none is left; how many there were.
    pub fn drain(&mut self) -> usize {
        core::iter::from_fn(|| receive(&mut self.driver, IPV4, SECOND / 50, |_| ())).count()
    }
}

/// A frame's contents after its headers.
fn byte_at(place: usize, number: u16) -> u8 {
    let word = (place as u16).wrapping_mul(0x9d35).wrapping_add(number);
    (word >> 8) as u8 ^ word as u8
}

/// The internet's.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let words = bytes.chunks(2).map(|word| u32::from_be_bytes([0, 0, word[0], *word.get(1).unwrap_or(&0)]));
    let sum: u32 = words.sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    (!(sum + (sum >> 16)) as u16).to_be_bytes()
}

fn arrival_wakes_once(pings: &mut Pings<impl Driver>) -> Outcome {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    pings.drain();
    for number in 0..100 {
        WOKEN.clear();
        ensure!(pings.driver.receive(cx).is_none(), "there is a frame that nobody sent");
        // A second frame is told by the same interrupt.
        pings.send(60, number)?;
        pings.send(60, number)?;
        let (woken, _) = wait_until(SECOND, || WOKEN.wakes() > 0);
        ensure!(woken, "the arrival of a frame woke nobody");
        if number == 0 {
            let (_, sleeps) = wait_until(SECOND / 10, || false);
            ensure!(sleeps <= 10, "an interrupt stays up: {sleeps} sleeps in 100 ms");
        }
        ensure!(WOKEN.wakes() == 1, "the arrival of frames woke {} times", WOKEN.wakes());
        pings.receive(60, number)?;
        pings.receive(60, number)?;
    }
    Ok(())
}

fn every_length_is_received(pings: &mut Pings<impl Driver>) -> Outcome {
    pings.drain();
    for len in (HEADERS..200).chain(MTU - 20..=MTU) {
        pings.send(len, len as u16)?;
        pings.receive(len, len as u16)?;
    }
    // And several at once, in order.
    for round in 0..200 {
        let frames = || (0..6).map(|place| (60 + (round * 7 + place * 211) % 1400, place as u16));
        for (len, number) in frames() {
            pings.send(len, number)?;
        }
        for (len, number) in frames() {
            pings.receive(len, number)?;
        }
    }
    Ok(())
}

fn dropped_token_changes_nothing(pings: &mut Pings<impl Driver>) -> Outcome {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    pings.drain();
    pings.send(100, 1)?;
    pings.send(101, 2)?;
    let (there, _) = wait_until(SECOND, || pings.driver.receive(cx).is_some());
    ensure!(there, "no frame came");
    for _ in 0..3 {
        ensure!(pings.driver.receive(cx).is_some(), "a frame was lost");
        ensure!(pings.driver.transmit(cx).is_some(), "there is no room to send");
    }
    pings.receive(100, 1)?;
    pings.receive(101, 2)
}

/// QEMU's network keeps for a device what finds no place in it, and hands it over when there is room.
fn more_frames_than_places(pings: &mut Pings<impl Driver>) -> Outcome {
    pings.drain();
    for number in 0..MANY {
        pings.send(300, number)?;
    }
    for number in 0..MANY {
        pings.receive(300, number)?;
    }
    ensure!(pings.drain() == 0, "more frames than were sent");
    Ok(())
}

fn less_than_a_header_harms_nothing(pings: &mut Pings<impl Driver>) -> Outcome {
    for len in 0..14 {
        send(&mut pings.driver, len, |frame| frame.fill(0xff))?;
        pings.send(60, len as u16)?;
        pings.receive(60, len as u16)?;
    }
    Ok(())
}
