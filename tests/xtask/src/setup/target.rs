//! The standard library of a target other than the host.

use super::debian::Debian;
use super::{one_at_a_time, rustup_allowed};
use crate::{process, workspace};
use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a download may take.
const LIMIT: Duration = Duration::from_secs(300);

/// What happens when a target can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// An error.
    Required,
    /// A skip that is named.
    Optional,
}

/// A target and what to build from source when there is no ready-made library.
#[derive(Debug)]
pub struct Target {
    /// The triple.
    pub triple: &'static str,
    /// What happens when it can't be had.
    pub need: Need,
    /// The crates for `-Z build-std`.
    pub crates: &'static str,
}

/// How a target is built for.
#[derive(Clone, Debug)]
pub enum Toolchain {
    /// The library is installed with the toolchain in use.
    Installed,
    /// Debian's compiler builds the library from source.
    Debian(Debian),
}

impl Toolchain {
    /// A cargo command that builds for the target; the subcommand comes first, as cargo wants it.
    pub fn cargo(&self, subcommand: &str, target: &Target) -> Command {
        let mut command = workspace::cargo();
        command.args([subcommand, "--target", target.triple]);
        if let Self::Debian(debian) = self {
            debian.apply(&mut command, target);
        }
        command
    }

    /// The folder for build output: the two compilers' would only push each other's out.
    pub fn target_dir(&self) -> std::path::PathBuf {
        match self {
            Self::Installed => workspace::target_dir(),
            Self::Debian(_) => workspace::target_dir().join("debian"),
        }
    }
}

/// What was found, and what was not and why: asked once a run.
static KNOWN: Mutex<BTreeMap<&str, Result<Toolchain, String>>> = Mutex::new(BTreeMap::new());

/// Makes sure that a target can be built for, by whatever way there is.
pub fn ensure(target: &Target) -> Result<Toolchain> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let found = known.entry(target.triple).or_insert_with(|| find(target).map_err(|why| format!("{why:#}")));
    found.clone().map_err(|why| anyhow!(why))
}

fn find(target: &Target) -> Result<Toolchain> {
    let _alone = one_at_a_time();
    if rustup_allowed() {
        if installed(target.triple) {
            return Ok(Toolchain::Installed);
        }
        println!("installing target {}", target.triple);
        let mut rustup = Command::new("rustup");
        let added = process::inherit(rustup.args(["target", "add", target.triple]), LIMIT);
        if matches!(added, Ok(Some(status)) if status.success()) && installed(target.triple) {
            return Ok(Toolchain::Installed);
        }
    }
    println!("target {} can't be had from rustup; trying Debian's compiler", target.triple);
    Debian::ensure()
        .map(Toolchain::Debian)
        .and_then(|toolchain| fetched(toolchain, target))
        .with_context(|| format!("the standard library for {} can't be had", target.triple))
}

/// The library's source needs a few crates of its own, others for each target.
fn fetched(toolchain: Toolchain, target: &Target) -> Result<Toolchain> {
    let mut command = toolchain.cargo("fetch", target);
    process::output(command.arg("--quiet")).context("its dependencies can't be fetched")?;
    Ok(toolchain)
}

/// Whether the compiler in use has the library: the folder alone proves nothing.
fn installed(triple: &str) -> bool {
    let mut rustc = Command::new(workspace::rustc());
    rustc.args(["--print", "target-libdir", "--target", triple]).current_dir(workspace::root());
    let Ok(dir) = process::output(&mut rustc) else { return false };
    let Ok(files) = Path::new(&dir).read_dir() else { return false };
    files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
}
