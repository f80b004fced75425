//! The programs that do the work, and who can do what.

use super::python;
use super::{FOLDER, versions};
use crate::{artifact, process, workspace};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// All runtimes.
pub struct Programs {
    /// That of the runtimes in Rust, which also makes the load.
    rust: PathBuf,
    python: Option<python::Venv>,
    /// Each runtime, and whether it is one of Python's.
    runtimes: Vec<(String, bool)>,
    /// Which runtime does which work.
    pairs: Vec<(String, String)>,
    /// What is to be known besides.
    pub notes: Vec<String>,
}

impl Programs {
    /// Builds those in Rust, and sets Python up.
    pub fn ready() -> Result<Self> {
        let rust = artifact::released(FOLDER, "everloop-bench")?;
        let (python, mut notes) = python::Venv::ready();
        notes.push(versions::rust());
        notes.extend(python.as_ref().map(|python| python.version.clone()));
        let mut this = Self { rust, python, runtimes: Vec::new(), pairs: Vec::new(), notes };
        let listed = process::output(Command::new(&this.rust).arg("list"))?;
        this.know(&listed, false);
        if let Some(python) = &this.python {
            let listed = process::output(python.peer().arg("list"))?;
            this.know(&listed, true);
        }
        Ok(this)
    }

    fn know(&mut self, listed: &str, is_python: bool) {
        for (runtime, work) in listed.lines().filter_map(|pair| pair.split_once(' ')) {
            if !self.runtimes.iter().any(|(known, _)| known == runtime) {
                self.runtimes.push((runtime.to_owned(), is_python));
            }
            self.pairs.push((runtime.to_owned(), work.to_owned()));
        }
    }

    /// The runtimes, in their order.
    pub fn runtimes(&self) -> impl Iterator<Item = &str> {
        self.runtimes.iter().map(|(name, _)| name.as_str())
    }

    /// Those that do this work.
    pub fn that_do(&self, work: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |(_, done)| done == work).map(|(runtime, _)| runtime.as_str())
    }

    /// Has a runtime do it.
    pub fn command(&self, runtime: &str) -> Command {
        let of_python = self.runtimes.contains(&(runtime.to_owned(), true));
        let mut command = match &self.python {
            Some(python) if of_python => python.peer(),
            _ => Command::new(&self.rust),
        };
        command.arg(runtime).env("EVERLOOP_BENCH", &self.rust).current_dir(workspace::root());
        command
    }
}
