//! A station's program, and a running station.

use super::client::Client;
use crate::artifact;
use crate::images::{Image, STATION_MPS2};
use crate::process::{Event, Process};
use crate::qemu::{self, Boot, Clock};
use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// The port that the firmware listens on inside its own network.
const GUEST_PORT: u16 = 7000;
/// The name of the station on this machine.
pub const HOST: &str = "host";
/// The name of the station in QEMU.
pub const GUEST: &str = "mps2-an385";
/// How long a station may take to listen.
const START: Duration = Duration::from_secs(30);
/// How long one try of a connection to a guest that is still starting may take.
const PROBE: Duration = Duration::from_secs(2);
/// How often a free port that was taken in the meantime is replaced by another.
pub const PORT_TRIES: usize = 5;

/// A station that is built and can be started.
pub struct Program {
    label: &'static str,
    path: PathBuf,
    image: Option<&'static Image>,
}

impl Program {
    /// Builds the station for this machine.
    pub fn host() -> Result<Self> {
        let path = artifact::host("station-host", "station-host")?;
        Ok(Self { label: HOST, path, image: None })
    }

    /// Builds the station's firmware.
    pub fn guest() -> Result<Self> {
        let image = &STATION_MPS2;
        crate::setup::ensure_qemu(image.machine.program())?;
        let path = artifact::image(image)?;
        Ok(Self { label: GUEST, path, image: Some(image) })
    }

    /// Where it runs.
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Starts it and waits until it answers.
    pub fn start(&self) -> Result<Station> {
        let started = match self.image {
            None => self.start_host(),
            Some(image) => self.start_guest(image),
        };
        started.with_context(|| format!("the station on {} did not start", self.label))
    }

    fn start_host(&self) -> Result<Station> {
        let mut command = Command::new(&self.path);
        let mut process = Process::spawn("the host station", command.args(["--port", "0"]))?;
        let deadline = Instant::now() + START;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match process.event(left) {
                Event::Line(line) => {
                    let Some(address) = line.strip_prefix("listening on ") else { continue };
                    let address =
                        address.trim().parse().with_context(|| format!("no address in `{line}`"))?;
                    return Ok(Station { label: self.label, address, process });
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

    fn start_guest(&self, image: &Image) -> Result<Station> {
        let mut tries = 1;
        loop {
            let port = free_port()?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let nic = format!("user,hostfwd=tcp:{address}-:{GUEST_PORT}");
            let boot = Boot { clock: Clock::Real, nic: &nic, args: &[] };
            let mut command = qemu::command(image.machine, &self.path, &boot)?;
            let process = Process::spawn("QEMU", &mut command)?;
            let mut station = Station { label: self.label, address, process };
            match station.wait_for_guest() {
                Ok(()) => return Ok(station),
                Err(why) if tries < PORT_TRIES && port_was_taken(&why) => tries += 1,
                Err(why) => return Err(why),
            }
        }
    }
}

/// A running station; dropping it ends it.
pub struct Station {
    label: &'static str,
    address: SocketAddr,
    process: Process,
}

impl Station {
    /// Where it runs.
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An error if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        self.process.ensure_running().with_context(|| format!("the station on {} is gone", self.label))
    }

    /// QEMU takes connections from the start, so only an answer shows that the guest listens.
    fn wait_for_guest(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            self.process.ensure_running()?;
            let Err(why) = self.probe() else { return Ok(()) };
            if Instant::now() >= deadline {
                let port = self.address.port();
                let said = self.process.said();
                bail!("it did not answer on port {port} within {} s ({why:#}){said}", START.as_secs());
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn probe(&self) -> Result<()> {
        let mut client = Client::connect(self.address)?;
        client.send("GET")?;
        client.line_within(PROBE)?;
        client.quit()
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
