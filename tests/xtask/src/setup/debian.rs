//! Debian's own Rust compiler with the standard library's source, for targets that rustup can't deliver.
//!
//! `rustc-web` is the compiler that Debian keeps current for its browsers. Only it and the source that matches it are
//! used, through cargo's `build-std`; cargo and the linker stay those of the toolchain in use.

use super::apt;
use super::target::Target;
use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// Where its parts are.
#[derive(Clone, Debug)]
pub struct Debian {
    rustc: PathBuf,
    /// The folder that holds `rust-lld`, which Debian's compiler asks for and lacks.
    linker: PathBuf,
}

impl Debian {
    /// Finds the parts, and installs what is missing.
    pub fn ensure() -> Result<Self> {
        let linker = linker()?;
        let rustc = match rustc() {
            Ok(rustc) => rustc,
            Err(_) => {
                apt::install("Debian's Rust compiler", &PACKAGES)?;
                rustc()?
            }
        };
        Ok(Self { rustc, linker })
    }

    /// Makes a cargo command use it.
    pub fn apply(&self, command: &mut Command, target: &Target) {
        command.args(["-Z", &format!("build-std={}", target.crates)]);
        command.env("RUSTC", &self.rustc).env("RUSTC_BOOTSTRAP", "1").env("PATH", self.path());
    }

    fn path(&self) -> OsString {
        let old = env::var_os("PATH").unwrap_or_default();
        let dirs = env::split_paths(&old).chain([self.linker.clone()]);
        // Joining can only fail for a folder with a colon in its name.
        env::join_paths(dirs).unwrap_or(old)
    }
}

/// The compiler, if it and its source are installed.
fn rustc() -> Result<PathBuf> {
    let mut query = Command::new("dpkg");
    let files = process::output(query.args(["-L", PACKAGES[0]]))?;
    let rustc = files.lines().map(Path::new).find(|file| file.ends_with("bin/rustc"));
    let rustc = rustc.context("Debian's package has no rustc")?.to_owned();
    let sysroot = process::output(Command::new(&rustc).args(["--print", "sysroot"]))?;
    let source = Path::new(&sysroot).join("lib/rustlib/src/rust/library/core/src/lib.rs");
    if !source.exists() {
        bail!("{} is missing, which the package {} brings", source.display(), PACKAGES[1]);
    }
    Ok(rustc)
}

/// The folder of `rust-lld` in the toolchain in use.
fn linker() -> Result<PathBuf> {
    let rustc = |args: &[&str]| {
        process::output(Command::new(workspace::rustc()).args(args).current_dir(workspace::root()))
    };
    let sysroot = rustc(&["--print", "sysroot"])?;
    let host = workspace::host()?;
    let dir = Path::new(&sysroot).join("lib/rustlib").join(host).join("bin");
    if !dir.join("rust-lld").exists() {
        bail!("the toolchain in use has no rust-lld in {}", dir.display());
    }
    Ok(dir)
}
