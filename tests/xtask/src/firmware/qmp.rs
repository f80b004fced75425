//! A machine's knobs, by QEMU's machine protocol.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long QEMU may take to listen, and to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A name for a socket that no other test has.
pub fn path() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("everloop-{}-{count}.qmp", std::process::id()))
}

/// The connection to a running QEMU.
pub struct Qmp {
    stream: BufReader<UnixStream>,
}

impl Qmp {
    /// Connects to a QEMU that was told to listen there, and removes the socket's name.
    pub fn connect(path: &Path) -> Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        let stream = loop {
            match UnixStream::connect(path) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() >= deadline => {
                    return Err(error).context("QEMU does not listen for commands");
                }
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        };
        let _ = std::fs::remove_file(path);
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut qmp = Self { stream: BufReader::new(stream) };
        qmp.execute(r#"{"execute":"qmp_capabilities"}"#)?;
        Ok(qmp)
    }

    /// Presses a key, or lets it go.
    pub fn key(&mut self, name: &str, down: bool) -> Result<()> {
        self.execute(&format!(
            r#"{{"execute":"input-send-event","arguments":{{"events":[{{"type":"key","data":{{"down":{down},"key":{{"type":"qcode","data":"{name}"}}}}}}]}}}}"#
        ))
    }

    /// Sets a number of a device.
    pub fn set(&mut self, device: &str, property: &str, value: i64) -> Result<()> {
        self.execute(&format!(
            r#"{{"execute":"qom-set","arguments":{{"path":"{device}","property":"{property}","value":{value}}}}}"#
        ))
    }

    /// Has QEMU do something, and waits until it has.
    fn execute(&mut self, command: &str) -> Result<()> {
        writeln!(self.stream.get_mut(), "{command}").context("QEMU takes no command")?;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).context("QEMU does not answer")? == 0 {
                bail!("QEMU is gone");
            }
            // Else it greets, or tells what happens in the machine.
            if line.starts_with(r#"{"return""#) {
                return Ok(());
            }
            if line.starts_with(r#"{"error""#) {
                bail!("QEMU refuses {command}: {}", line.trim_end());
            }
        }
    }
}
