//! An example that runs, by the command that its first lines give.

use super::find;
use super::qmp::{self, Qmp};
use crate::artifact;
use crate::listening::{PORT_TRIES, free_port, port_was_taken};
use crate::process::{Event, Process};
use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::{Duration, Instant};

/// What stands before QEMU's command; after it comes what the firmware prints.
pub const BEGIN: &str = "$ ";
/// How long the next line may take that must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// What QEMU itself prints into the lines of the firmware.
const PROMPT: &str = "(qemu) ";
const BY_QEMU: [&str; 4] = ["qemu-system-", "QEMU ", "Timer with period zero", "pl061_"];

/// A running example; dropping it ends it.
pub struct Program {
    process: Process,
}

impl Program {
    /// Runs `cargo xtask run NAME -- MORE`.
    pub fn start(name: &str, more: &[&str]) -> Result<Self> {
        Self::spawn(name, &[], more)
    }

    /// As [`start`](Self::start), with a connection by which buttons are pressed and sensors are set.
    pub fn start_with_qmp(name: &str) -> Result<(Self, Qmp)> {
        let path = qmp::path();
        let socket = format!("unix:{},server=on,wait=off", path.display());
        let program = Self::start(name, &["-qmp", &socket])?;
        let qmp = Qmp::connect(&path)?;
        Ok((program, qmp))
    }

    /// As [`start`](Self::start), of a server; gives where it is reached.
    pub fn start_server(name: &str) -> Result<(Self, SocketAddr)> {
        let mut tries = 1;
        loop {
            let port = free_port()?;
            let mut program = Self::spawn(name, &["--port", &port.to_string()], &[])?;
            match program.wait(|line| line.starts_with("listening on port ").then_some(())) {
                Ok(()) => return Ok((program, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))),
                Err(why) if tries < PORT_TRIES && port_was_taken(&why) => tries += 1,
                Err(why) => return Err(why),
            }
        }
    }

    fn spawn(name: &str, options: &[&str], more: &[&str]) -> Result<Self> {
        // So that what is timed below is not the build.
        artifact::image(find(name)?.image)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["run", name]).args(options).arg("--").args(more);
        let mut program = Self { process: Process::spawn(name, &mut command)? };
        program.any(|line| line.starts_with(BEGIN).then_some(()))?;
        Ok(program)
    }

    /// The next line that the firmware prints.
    pub fn line(&mut self) -> Result<String> {
        self.wait(|line| Some(line.to_owned()))
    }

    /// The next line must be this one.
    pub fn expect(&mut self, wanted: &str) -> Result<()> {
        let line = self.line().with_context(|| format!("instead of `{wanted}`"))?;
        if line != wanted {
            bail!("`{line}` instead of `{wanted}`");
        }
        Ok(())
    }

    /// No line may come for so long.
    pub fn expect_silence(&mut self, time: Duration) -> Result<()> {
        match self.within(time, |line| by_firmware(line).map(str::to_owned))? {
            None => Ok(()),
            Some(line) => bail!("`{line}` instead of silence"),
        }
    }

    /// Waits for a line of the firmware that `choose` takes.
    pub fn wait<T>(&mut self, mut choose: impl FnMut(&str) -> Option<T>) -> Result<T> {
        self.any(|line| by_firmware(line).and_then(&mut choose))
    }

    /// Waits for a line, whoever prints it, that `choose` takes.
    pub fn any<T>(&mut self, choose: impl FnMut(&str) -> Option<T>) -> Result<T> {
        match self.within(PATIENCE, choose)? {
            Some(chosen) => Ok(chosen),
            None => bail!("no such line for {} s{}", PATIENCE.as_secs(), self.process.said()),
        }
    }

    fn within<T>(&mut self, time: Duration, mut choose: impl FnMut(&str) -> Option<T>) -> Result<Option<T>> {
        let deadline = Instant::now() + time;
        loop {
            match self.process.event(deadline.saturating_duration_since(Instant::now())) {
                Event::Line(line) => {
                    if let Some(chosen) = choose(&line) {
                        return Ok(Some(chosen));
                    }
                }
                Event::Closed => {
                    self.process.wait(Duration::from_secs(1));
                    self.process.ensure_running()?;
                    bail!("it closed its output");
                }
                Event::Quiet => return Ok(None),
            }
        }
    }

    /// An error if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        self.process.ensure_running()
    }
}

/// A line without QEMU's prompt, unless QEMU itself prints it.
fn by_firmware(line: &str) -> Option<&str> {
    let line = line.strip_prefix(PROMPT).unwrap_or(line);
    (!line.is_empty() && !BY_QEMU.iter().any(|begin| line.starts_with(begin))).then_some(line)
}
