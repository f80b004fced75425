//! A station's program, and a running station.

use super::client::Client;
use crate::artifact;
use crate::images::{Image, STATION_MPS2};
use crate::listening::Listening;
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The name of the station on this machine.
pub const HOST: &str = "host";
/// The name of the station in QEMU.
pub const GUEST: &str = "mps2-an385";
/// How long one try of a connection to a guest that is still starting may take.
const PROBE: Duration = Duration::from_secs(2);

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
            None => Listening::host("the host station", Command::new(&self.path).args(["--port", "0"])),
            Some(image) => Listening::guest(image.machine, &self.path, probe),
        };
        let program = started.with_context(|| format!("the station on {} did not start", self.label))?;
        Ok(Station { label: self.label, program })
    }
}

/// A running station; dropping it ends it.
pub struct Station {
    label: &'static str,
    program: Listening,
}

impl Station {
    /// Where it runs.
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.program.address()
    }

    /// An error if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        self.program.ensure_running().with_context(|| format!("the station on {} is gone", self.label))
    }
}

fn probe(address: SocketAddr) -> Result<()> {
    let mut client = Client::connect(address)?;
    client.send("GET")?;
    client.line_within(PROBE)?;
    client.quit()
}
