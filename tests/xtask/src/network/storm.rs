//! A storm of malformed frames on a board: QEMU hands it what comes as datagrams, each a frame, and sends what it sends.

use crate::images::Image;
use crate::process::Process;
use crate::qemu::{self, Boot, Clock};
use anyhow::{Context, Result, bail, ensure};
use everloop_storm::{Host, Medium, Storm};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The case's name.
pub const NAME: &str = "outlives_ten_thousand_malformed_frames";

const FRAMES: usize = 10_000;
/// After so many the board is asked whether it is there: what is sent faster than it takes it in is lost.
const BURST: usize = 50;
/// How many connections the board can have.
const PLACES: u16 = 6;
const BOARD: Host = Host { hardware: [0x52, 0x54, 0, 0x12, 0x34, 0x56], address: [10, 0, 2, 15], port: 7000 };
const PEER: Host = Host { hardware: [0x52, 0x55, 0x0a, 0, 2, 2], address: [10, 0, 2, 2], port: 40_000 };

/// How long the board may take to start, and to answer amid the storm.
const START: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon a question is asked again.
const AGAIN: Duration = Duration::from_millis(100);
/// Handshakes that nobody completes are given up after 10 seconds, and the reset told, or not, within 3 more.
const HALF_OPEN: Duration = Duration::from_secs(14);

/// A board after a storm.
pub struct Stormed {
    board: Process,
    wire: Wire,
    over: Instant,
}

/// Storms a board, which answers amid it.
pub fn storm(image: &Image, path: &Path) -> Result<Stormed> {
    let mut wire = Wire::new()?;
    let nic = wire.nic()?;
    let boot = Boot { clock: Clock::Real, nic: &nic, args: &[image.bin, "fixed"] };
    let mut board = Process::spawn("QEMU", &mut qemu::command(image.machine, path, &boot)?)?;
    wire.ask_arp(START).context("the board does not start")?;

    let mut storm = Storm::new(7, Medium::Ethernet, BOARD, PEER);
    let mut buffer = [0; 1514];
    for count in 1..=FRAMES {
        let length = storm.fill(&mut buffer);
        // QEMU takes an empty one for the end of all.
        wire.send(&buffer[..length.max(1)])?;
        if count % BURST == 0 {
            wire.ask_arp(PATIENCE).with_context(|| format!("no answer after {count} frames"))?;
        }
    }
    board.ensure_running()?;
    Ok(Stormed { board, wire, over: Instant::now() })
}

impl Stormed {
    /// Once nothing is left of the storm, all of the board's places are free.
    pub fn check(mut self) -> Result<()> {
        let Self { board, wire, over } = &mut self;
        thread::sleep((*over + HALF_OPEN).saturating_duration_since(Instant::now()));
        wire.ask_arp(PATIENCE)?;
        for place in 0..PLACES {
            wire.connect(50_000 + place, PATIENCE)
                .with_context(|| format!("of {PLACES} places only {place} are free"))?;
        }
        ensure!(
            wire.connect(51_000, Duration::from_millis(500)).is_err(),
            "there are more than {PLACES} places"
        );
        board.ensure_running()
    }
}

/// This machine's end of the wire.
struct Wire {
    socket: UdpSocket,
    guest: u16,
}

impl Wire {
    fn new() -> Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let guest = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?.local_addr()?.port();
        socket.set_read_timeout(Some(AGAIN))?;
        Ok(Self { socket, guest })
    }

    /// What QEMU is told of it.
    fn nic(&self) -> Result<String> {
        let here = self.socket.local_addr()?.port();
        Ok(format!("socket,udp=127.0.0.1:{here},localaddr=127.0.0.1:{}", self.guest))
    }

    fn send(&self, frame: &[u8]) -> Result<()> {
        match self.socket.send_to(frame, (Ipv4Addr::LOCALHOST, self.guest)) {
            Ok(_) => Ok(()),
            // QEMU has yet to start.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a frame until one comes that is an answer.
    fn ask(&mut self, frame: &[u8], limit: Duration, is_answer: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            self.send(frame)?;
            let again = Instant::now() + AGAIN;
            while Instant::now() < again {
                let mut heard = [0; 2000];
                // An error means that nothing came, or that QEMU has yet to start.
                let Ok(count) = self.socket.recv(&mut heard) else { break };
                if is_answer(&heard[..count]) {
                    return Ok(heard[..count].to_vec());
                }
            }
            if Instant::now() < again {
                thread::sleep(again - Instant::now());
            }
        }
        bail!("no answer within {} ms", limit.as_millis())
    }

    /// Who has the board's address? It also tells the board, again, who has the peer's.
    fn ask_arp(&mut self, limit: Duration) -> Result<()> {
        let question = [
            &[0xff; 6][..],
            &PEER.hardware,
            &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1],
            &PEER.hardware,
            &PEER.address,
            &[0; 6],
            &BOARD.address,
        ];
        self.ask(&question.concat(), limit, |frame| {
            frame.get(12..22) == Some(&[8, 6, 0, 1, 8, 0, 6, 4, 0, 2])
                && frame.get(22..32) == Some(&[&BOARD.hardware[..], &BOARD.address].concat())
        })?;
        Ok(())
    }

    /// A handshake from this port, which keeps a place.
    fn connect(&mut self, port: u16, limit: Duration) -> Result<()> {
        const FIRST: u32 = 1000;
        let answer = self.ask(&segment(port, FIRST, 0, SYN), limit, |frame| {
            frame.len() >= 54
                && frame[12..14] == [8, 0]
                && frame[23] == 6
                && frame[34..38] == [&BOARD.port.to_be_bytes()[..], &port.to_be_bytes()].concat()
                && frame[47] == SYN | ACK
        })?;
        let theirs = u32::from_be_bytes([answer[38], answer[39], answer[40], answer[41]]);
        self.send(&segment(port, FIRST + 1, theirs.wrapping_add(1), ACK))
    }
}

const SYN: u8 = 2;
const ACK: u8 = 16;

/// A segment from the peer to the board, without contents.
fn segment(port: u16, number: u32, acknowledged: u32, flags: u8) -> Vec<u8> {
    let tcp = [
        &port.to_be_bytes()[..],
        &BOARD.port.to_be_bytes(),
        &number.to_be_bytes(),
        &acknowledged.to_be_bytes(),
        // Five words of header, a window of a kilobyte, no sum yet, nothing urgent.
        &[0x50, flags, 4, 0, 0, 0, 0, 0],
    ];
    let ip = [
        // No options, 40 bytes, no fragment, time to live 64, TCP, no sum yet.
        &[0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0][..],
        &PEER.address,
        &BOARD.address,
    ];
    let (mut tcp, mut ip) = (tcp.concat(), ip.concat());
    let pseudo = [&PEER.address[..], &BOARD.address, &[0, 6, 0, 20]].concat();
    let sum = checksum(&[pseudo, tcp.clone()].concat());
    tcp[16..18].copy_from_slice(&sum);
    let sum = checksum(&ip);
    ip[10..12].copy_from_slice(&sum);
    [&BOARD.hardware[..], &PEER.hardware, &[8, 0], &ip, &tcp].concat()
}

/// The internet checksum.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let sum: u32 = bytes.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    (!(folded as u16)).to_be_bytes()
}
