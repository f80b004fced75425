//! A storm of malformed frames on a board: QEMU hands it what comes as datagrams, each a frame, and sends what it sends.
//!
//! The datagrams go through a pair of sockets, one end of which QEMU is given as its standard input: nobody else can take
//! a port in between, none is lost, and it shows at once when QEMU is gone.

use crate::images::Image;
use crate::process::Process;
use crate::qemu::{self, Boot, Clock};
use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use everloop_storm::{Host, Medium, Storm};
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Stdio;
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
    let (ours, theirs) = UnixDatagram::pair().context("no pair of sockets")?;
    let boot = Boot { clock: Clock::Real, nic: "socket,fd=0", args: &[image.bin, "fixed"] };
    let mut command = qemu::command(image.machine, path, &boot)?;
    let mut board = Process::spawn_with("QEMU", &mut command, Stdio::from(OwnedFd::from(theirs)))?;
    // It has the other end too, and shows that QEMU is gone only when nobody has it.
    drop(command);
    let mut wire = Wire::new(ours)?;
    match rage(&mut wire) {
        Ok(()) => Ok(Stormed { board, wire, over: Instant::now() }),
        Err(error) => Err(after_all(error, &mut board)),
    }
}

/// The storm itself.
fn rage(wire: &mut Wire) -> Result<()> {
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
    Ok(())
}

/// What went wrong, with what the board, or QEMU, said of it.
fn after_all(error: Error, board: &mut Process) -> Error {
    match board.ensure_running() {
        Ok(()) => anyhow!("{error:#}{}", board.said()),
        Err(ended) => anyhow!("{error:#}: {ended:#}"),
    }
}

impl Stormed {
    /// Once nothing is left of the storm, all of the board's places are free.
    pub fn check(mut self) -> Result<()> {
        thread::sleep((self.over + HALF_OPEN).saturating_duration_since(Instant::now()));
        places(&mut self.wire).map_err(|error| after_all(error, &mut self.board))?;
        self.board.ensure_running()
    }
}

/// Takes all of the board's places, of which there are so many and no more.
fn places(wire: &mut Wire) -> Result<()> {
    wire.ask_arp(PATIENCE)?;
    for place in 0..PLACES {
        wire.connect(50_000 + place, PATIENCE)
            .with_context(|| format!("of {PLACES} places only {place} are free"))?;
    }
    ensure!(wire.connect(51_000, Duration::from_millis(500)).is_err(), "there are more than {PLACES} places");
    Ok(())
}

/// This machine's end of the wire.
struct Wire {
    socket: UnixDatagram,
}

impl Wire {
    fn new(socket: UnixDatagram) -> Result<Self> {
        socket.set_read_timeout(Some(AGAIN))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { socket })
    }

    fn send(&self, frame: &[u8]) -> Result<()> {
        match self.socket.send(frame) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                bail!("nothing was taken in within {} ms", PATIENCE.as_millis())
            }
            Err(error) => Err(error).context("QEMU does not listen"),
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
                // An error means that nothing came.
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
