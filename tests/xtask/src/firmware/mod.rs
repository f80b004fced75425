//! The example firmware: `cargo xtask run NAME`, and the suite that runs each by just that command.

mod blink;
mod button;
mod http;
mod program;
mod qmp;
mod sensor;
mod tcp;
#[cfg(test)]
mod tests;

use crate::images::{FIRMWARE_BLINK, FIRMWARE_BUTTON, FIRMWARE_HTTP, FIRMWARE_SENSOR, FIRMWARE_TCP, Image};
use crate::qemu::{self, Boot, Clock};
use crate::suite::Cases;
use crate::{artifact, workspace};
use anyhow::{Context, Error, Result, bail};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The folder that has one for each example.
const FOLDER: &str = "examples/firmware";

/// A test's name, and what it does.
type Test = (&'static str, fn() -> Result<()>);

/// One example.
struct Example {
    name: &'static str,
    image: &'static Image,
    /// What QEMU connects to the board.
    devices: &'static [&'static str],
    /// Whether a person presses or turns something, for which there is QEMU's monitor.
    monitor: bool,
    /// The port on this machine and the one in the guest.
    ports: Option<(u16, u16)>,
}

impl Example {
    const fn of(name: &'static str, image: &'static Image) -> Self {
        Self { name, image, devices: &[], monitor: false, ports: None }
    }
}

static EXAMPLES: [Example; 5] = [
    Example::of("blink", &FIRMWARE_BLINK),
    Example { monitor: true, ..Example::of("button", &FIRMWARE_BUTTON) },
    Example { ports: Some((8080, 80)), ..Example::of("http", &FIRMWARE_HTTP) },
    Example {
        devices: &["tmp105,bus=i2c,address=0x48,id=thermometer"],
        monitor: true,
        ..Example::of("sensor", &FIRMWARE_SENSOR)
    },
    Example { ports: Some((7000, 7000)), ..Example::of("tcp", &FIRMWARE_TCP) },
];

/// Builds an example and becomes the QEMU that runs it, so that the terminal and Ctrl-C are its own.
pub fn run(name: &str, port: Option<u16>, more: &[String]) -> Result<bool> {
    let example = find(name)?;
    let path = artifact::image(example.image)?;
    let mut command = example.command(&path, port)?;
    command.args(more);
    println!("{}\n{}{}", example.manual()?, program::BEGIN, workspace::shown(&command));
    Err(Error::from(command.exec()).context("could not start QEMU"))
}

/// The suite.
pub fn test(cases: &mut Cases<'_>) -> Result<()> {
    for (name, test) in [blink::TESTS, button::TESTS, sensor::TESTS, tcp::TESTS, http::TESTS].concat() {
        cases.run(name, test);
    }
    Ok(())
}

fn find(name: &str) -> Result<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name).with_context(|| {
        let names: Vec<_> = EXAMPLES.iter().map(|example| example.name).collect();
        format!("there is no example `{name}`, only {}", names.join(", "))
    })
}

impl Example {
    fn command(&self, path: &Path, port: Option<u16>) -> Result<Command> {
        let nic = match (self.ports, port) {
            (None, None) => "user".to_owned(),
            (None, Some(_)) => bail!("`{}` is no server, so it has no port", self.name),
            (Some((host, guest)), port) => {
                format!("user,hostfwd=tcp:127.0.0.1:{}-:{guest}", port.unwrap_or(host))
            }
        };
        let mut command =
            qemu::command(self.image.machine, path, &Boot { clock: Clock::Real, nic: &nic, args: &[] })?;
        for device in self.devices {
            command.args(["-device", device]);
        }
        if self.monitor {
            command.args(["-monitor", "stdio"]);
        }
        Ok(command)
    }

    /// The first lines of the example: what it does and how it is used.
    fn manual(&self) -> Result<String> {
        let path = workspace::root().join(FOLDER).join(self.name).join("src/main.rs");
        let source =
            std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        Ok(lines.filter(|line| !line.contains("```")).fold(String::new(), |text, line| text + line + "\n"))
    }
}
