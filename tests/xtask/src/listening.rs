//! Programs that listen: on this machine, or firmware in QEMU.

use crate::process::{Event, Process};
use crate::qemu::{self, Boot, Clock, Machine};
use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// The port that firmware listens on inside its own network.
const GUEST_PORT: u16 = 7000;
/// How long a program may take to listen.
const START: Duration = Duration::from_secs(30);
/// How often a free port that was taken in the meantime is replaced by another.
pub const PORT_TRIES: usize = 5;

/// A running program that listens; dropping it ends it.
pub struct Listening {
    process: Process,
    address: SocketAddr,
    others: Vec<SocketAddr>,
}

impl Listening {
    /// Starts a program of this machine, which prints where it listens.
    pub fn host(name: &str, command: &mut Command) -> Result<Self> {
        let mut process = Process::spawn(name, command)?;
        let deadline = Instant::now() + START;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match process.event(left) {
                Event::Line(line) => {
                    let Some(address) = line.strip_prefix("listening on ") else { continue };
                    let address =
                        address.trim().parse().with_context(|| format!("no address in `{line}`"))?;
                    return Ok(Self { process, address, others: Vec::new() });
                }
                Event::Closed => {
                    process.wait(Duration::from_secs(1));
                    process.ensure_running()?;
                    bail!("it closed its output before it listened");
                }
                Event::Quiet => {
                    bail!("it did not say within {} s where it listens{}", START.as_secs(), process.said());
                }
            }
        }
    }

    /// Boots firmware, in real time, with a free port of this machine that leads to its own, and waits until `probe` gets
    /// an answer.
    pub fn guest(
        machine: Machine,
        image: &Path,
        probe: impl FnMut(SocketAddr) -> Result<()>,
    ) -> Result<Self> {
        Self::guest_with(machine, image, &[], probe)
    }

    /// As [`guest`](Self::guest), with a free port for each of its `others`, too: a protocol and its port.
    pub fn guest_with(
        machine: Machine,
        image: &Path,
        others: &[(&str, u16)],
        mut probe: impl FnMut(SocketAddr) -> Result<()>,
    ) -> Result<Self> {
        let mut tries = 1;
        loop {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
            let mut nic = format!("user,hostfwd=tcp:{address}-:{GUEST_PORT}");
            let mut theirs = Vec::new();
            for (protocol, port) in others {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
                nic.push_str(&format!(",hostfwd={protocol}:{address}-:{port}"));
                theirs.push(address);
            }
            let boot = Boot { clock: Clock::Real, nic: &nic, args: &[] };
            let mut command = qemu::command(machine, image, &boot)?;
            let mut guest = Self { process: Process::spawn("QEMU", &mut command)?, address, others: theirs };
            match guest.wait(&mut probe) {
                Ok(()) => return Ok(guest),
                Err(why) if tries < PORT_TRIES && port_was_taken(&why) => tries += 1,
                Err(why) => return Err(why),
            }
        }
    }

    /// QEMU takes connections from the start, so only an answer shows that the guest listens.
    fn wait(&mut self, probe: &mut impl FnMut(SocketAddr) -> Result<()>) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            self.process.ensure_running()?;
            let Err(why) = probe(self.address) else { return Ok(()) };
            if Instant::now() >= deadline {
                let port = self.address.port();
                let said = self.process.said();
                bail!("it did not answer on port {port} within {} s ({why:#}){said}", START.as_secs());
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Where it listens, seen from here.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its others are, seen from here, in order.
    pub fn others(&self) -> &[SocketAddr] {
        &self.others
    }

    /// An error if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        self.process.ensure_running()
    }
}

/// A port that is free now; by the time it is used another program may have it.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Whether QEMU failed since it has.
pub fn port_was_taken(why: &anyhow::Error) -> bool {
    format!("{why:#}").contains("Could not set up host forwarding rule")
}
