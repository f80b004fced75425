//! Wine, and what it and the linker need for programs of Windows.

use super::{apt, one_at_a_time, succeeds};
use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: [&str; 4] = ["binutils-mingw-w64-x86-64", "gcc-mingw-w64-x86-64", "wine64", "wine"];
const COMPILER: &str = "x86_64-w64-mingw32-gcc";
/// The library that Rust's standard library takes its random numbers from, which older versions of Wine lack.
const LIBRARY: &str = "bcryptprimitives.dll";
const SOURCE: &str = "\
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return RtlGenRandom(data, (ULONG)length);
}
";

/// Where Wine keeps what it makes, and the library that it lacks.
#[derive(Clone, Debug)]
pub struct Wine {
    folder: PathBuf,
}

impl Wine {
    /// Makes sure that it is there and has the library.
    pub fn ensure() -> Result<Self> {
        let _alone = one_at_a_time();
        let works = |program: &str| succeeds(Command::new(program).arg("--version"));
        if !works("wine") || !works(COMPILER) {
            apt::install("Wine and a linker for Windows", &PACKAGES)?;
            if !works("wine") || !works(COMPILER) {
                bail!("Wine or {COMPILER} does not start even though its package is installed");
            }
        }
        let folder = workspace::target_dir().join("wine");
        std::fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        if !folder.join(LIBRARY).exists() {
            compile(&folder)?;
        }
        Ok(Self { folder })
    }

    /// Has a command of cargo's run its programs under Wine. `target` is theirs.
    pub fn apply(&self, command: &mut Command, target: &str) {
        let runner = format!("CARGO_TARGET_{}_RUNNER", target.to_uppercase().replace('-', "_"));
        command.env(runner, "wine").env("WINEDEBUG", "-all").env("WINEPREFIX", self.folder.join("prefix"));
        // As Wine calls it: the whole file system is its drive Z.
        command.env("WINEPATH", format!("Z:{}", self.folder.display()).replace('/', "\\"));
    }
}

fn compile(folder: &Path) -> Result<()> {
    let source = folder.join("library.c");
    std::fs::write(&source, SOURCE)?;
    let mut compiler = Command::new(COMPILER);
    compiler.arg("-shared").arg("-o").arg(folder.join(LIBRARY)).arg(&source).arg("-ladvapi32");
    process::output(&mut compiler).context("the library that Wine lacks can't be compiled").map(drop)
}
