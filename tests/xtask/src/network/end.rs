//! The programs at the two ends: a board's in QEMU, and the one on this machine.

use super::visit::Visit;
use crate::artifact;
use crate::images::Image;
use crate::process::{Event, Process};
use crate::qemu::{self, Boot, Clock};
use crate::station::{PORT_TRIES, free_port, port_was_taken};
use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// The port that the firmware listens on inside its own network.
const GUEST_PORT: u16 = 7000;
/// How long a program may take to listen.
const START: Duration = Duration::from_secs(30);

/// A board that runs the suite; dropping it ends it.
pub struct Board {
    process: Process,
    address: SocketAddr,
}

impl Board {
    /// Builds it, boots it, and waits until it answers.
    pub fn start(image: &'static Image) -> Result<Self> {
        let path = artifact::image(image)?;
        let mut tries = 1;
        loop {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
            let nic = format!("user,hostfwd=tcp:{address}-:{GUEST_PORT}");
            // Real time, as the other end's is.
            let boot = Boot { clock: Clock::Real, nic: &nic, args: &[] };
            let mut command = qemu::command(image.machine, &path, &boot)?;
            let mut board = Self { process: Process::spawn("QEMU", &mut command)?, address };
            match board.wait() {
                Ok(()) => return Ok(board),
                Err(why) if tries < PORT_TRIES && port_was_taken(&why) => tries += 1,
                Err(why) => return Err(why),
            }
        }
    }

    /// Where it listens, seen from here.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An error if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        self.process.ensure_running()
    }

    /// QEMU takes connections from the start, so only an answer shows that the guest listens.
    fn wait(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            self.process.ensure_running()?;
            let Err(why) = Visit::ask::<1>(self.address, "places") else { return Ok(()) };
            if Instant::now() >= deadline {
                let said = self.process.said();
                bail!("it did not answer within {} s ({why:#}){said}", START.as_secs());
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The suite by everloop on this machine; dropping it ends it.
pub struct Host {
    process: Process,
    address: SocketAddr,
}

impl Host {
    /// Builds it and starts it.
    pub fn start() -> Result<Self> {
        let path = artifact::host("everloop-network-host", "network-host")?;
        let mut process = Process::spawn("the suite on this machine", &mut Command::new(path))?;
        let deadline = Instant::now() + START;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match process.event(left) {
                Event::Line(line) => {
                    let Some(address) = line.strip_prefix("listening on ") else { continue };
                    let address =
                        address.trim().parse().with_context(|| format!("no address in `{line}`"))?;
                    return Ok(Self { process, address });
                }
                Event::Closed | Event::Quiet => {
                    process.ensure_running()?;
                    bail!("it did not say where it listens{}", process.said());
                }
            }
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An error if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        self.process.ensure_running()
    }
}
