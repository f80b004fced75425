//! Python with uvloop, in a folder of its own.

use super::FOLDER;
use crate::{process, workspace};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

/// Python, and perhaps uvloop.
pub struct Venv {
    python: PathBuf,
    /// Which.
    pub version: String,
}

impl Venv {
    /// Makes it if it is not there. What can't be had is said.
    pub fn ready() -> (Option<Self>, Vec<String>) {
        let python = match environment() {
            Ok(python) => python,
            Err(error) => return (None, vec![format!("asyncio and uvloop are left out: {error:#}")]),
        };
        let mut notes = Vec::new();
        if let Err(error) = uvloop(&python) {
            notes.push(format!("uvloop is left out: {error:#}"));
        }
        match version(&python) {
            Ok(version) => (Some(Self { python, version }), notes),
            Err(error) => (None, vec![format!("asyncio and uvloop are left out: {error:#}")]),
        }
    }

    /// The program of `tests/bench/python`.
    pub fn peer(&self) -> Command {
        let mut command = Command::new(&self.python);
        // Without a trace in the folder of the sources.
        command.arg("-B").arg(workspace::root().join(FOLDER).join("python/peer.py"));
        command
    }
}

/// The interpreter of an environment for this alone.
fn environment() -> Result<PathBuf> {
    let folder = workspace::target_dir().join("bench-python");
    let python = folder.join("bin/python");
    if process::output(Command::new(&python).arg("--version")).is_err() {
        let base = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        process::output(Command::new(base).args(["-m", "venv", "--clear"]).arg(&folder))
            .context("there is no Python with `venv`; the environment variable PYTHON may name one")?;
    }
    Ok(python)
}

fn uvloop(python: &PathBuf) -> Result<()> {
    let has = |python| process::output(Command::new(python).args(["-c", "import uvloop"]));
    if has(python).is_err() {
        let wanted = workspace::root().join(FOLDER).join("python/requirements.txt");
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(wanted);
        process::output(&mut pip)?;
        has(python)?;
    }
    Ok(())
}

fn version(python: &PathBuf) -> Result<String> {
    const TELL: &str = "
import sys
told = 'Python ' + sys.version.split()[0]
assert sys.version_info >= (3, 11), told + ' is older than 3.11'
try:
    import uvloop
    told += ', uvloop ' + uvloop.__version__
except ImportError:
    pass
print(told)";
    process::output(Command::new(python).args(["-c", TELL]))
}
