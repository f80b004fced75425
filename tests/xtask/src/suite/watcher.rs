//! What tests are run under besides the system: tools that watch what they do with memory, and another system. How each is
//! put under `cargo test`.

use crate::images::WINDOWS;
use crate::setup::{self, NIGHTLY};
use crate::workspace;
use anyhow::{Context, Result};
use std::process::Command;

/// What valgrind returns when it has found something.
const VALGRIND_FOUND: &str = "99";

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watcher {
    /// Interprets the program and knows every rule; by Tree Borrows. About a thousand times slower.
    Miri,
    /// AddressSanitizer: accesses out of bounds or after the end, and leaks.
    Asan,
    /// ThreadSanitizer: data races.
    Tsan,
    /// Valgrind's memcheck: also reads of what was never written. For the very programs the `host` suite runs.
    Valgrind,
    /// Windows, in the place of this system. It watches nothing.
    Wine,
}

impl Watcher {
    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Miri => "miri",
            Self::Asan => "asan",
            Self::Tsan => "tsan",
            Self::Valgrind => "valgrind",
            Self::Wine => "wine",
        }
    }

    /// Whether it finds leaks.
    pub fn finds_leaks(self) -> bool {
        !matches!(self, Self::Tsan | Self::Wine)
    }

    /// Whether all takes many times as long.
    pub fn is_slow(self) -> bool {
        matches!(self, Self::Miri | Self::Tsan | Self::Valgrind)
    }

    /// How many random trees of scopes are grown under it, of the hundred thousand without; more with `--long`.
    pub fn trees(self, long: bool) -> u32 {
        match (self, long) {
            (Self::Miri, false) => 5,
            (Self::Miri, true) => 300,
            (Self::Asan | Self::Wine, false) => 5_000,
            (Self::Tsan | Self::Valgrind, false) => 300,
            (Self::Asan | Self::Wine, true) => 100_000,
            (Self::Tsan | Self::Valgrind, true) => 5_000,
        }
    }

    /// How many random programs each primitive is put through under it, of the twenty thousand without; more with `--long`.
    pub fn cases(self, long: bool) -> u32 {
        match (self, long) {
            (Self::Miri, false) => 1,
            (Self::Miri, true) => 50,
            (Self::Asan | Self::Wine, false) => 1_000,
            (Self::Tsan | Self::Valgrind, false) => 100,
            (Self::Asan | Self::Wine, true) => 10_000,
            (Self::Tsan | Self::Valgrind, true) => 1_000,
        }
    }

    /// Gets what it needs; an error says why it can't be had.
    pub fn ensure(self) -> Result<()> {
        let host = workspace::host()?;
        let run = |command: &mut Command| crate::process::output(command).map(drop);
        match self {
            Self::Miri => {
                setup::ensure_nightly(&["miri", "rust-src"])?;
                run(workspace::cargo_of(NIGHTLY).args(["miri", "setup"])).context("`cargo miri setup` failed")
            }
            Self::Asan => {
                setup::ensure_nightly(&[])?;
                setup::ensure_sanitizer("asan", &host)
            }
            Self::Tsan => {
                setup::ensure_nightly(&["rust-src"])?;
                setup::ensure_sanitizer("tsan", &host)?;
                // The standard library's source needs a few crates of its own.
                run(workspace::cargo_of(NIGHTLY).args(["fetch", "--quiet", "-Zbuild-std", "--target", &host]))
                    .context("what the standard library depends on can't be fetched")
            }
            Self::Valgrind => setup::ensure_valgrind(),
            Self::Wine => setup::ensure_target(&WINDOWS).and_then(|_| setup::Wine::ensure()).map(drop),
        }
    }

    /// `cargo test` under it, in a folder of its own unless the build is the usual one.
    ///
    /// `leaks`: whether what is still there at the end, and lost, is an error. `seed` chooses Miri's schedule.
    pub fn cargo_test(self, leaks: bool, seed: u64) -> Result<Command> {
        let host = workspace::host()?;
        let dir = workspace::target_dir();
        let mut command = match self {
            Self::Valgrind => workspace::cargo(),
            Self::Wine => setup::ensure_target(&WINDOWS)?.cargo("test", &WINDOWS),
            _ => workspace::cargo_of(NIGHTLY),
        };
        if !matches!(self, Self::Valgrind | Self::Wine) {
            // These folders are for a run now and then: what speeds up the next build only fills the disk.
            command.env("CARGO_INCREMENTAL", "0");
        }
        match self {
            Self::Miri => {
                command.args(["miri", "test", "--target-dir"]).arg(dir.join("miri"));
                let ignore = if leaks { "" } else { " -Zmiri-ignore-leaks" };
                let flags = format!(
                    "-Zmiri-tree-borrows -Zmiri-seed={seed} -Zmiri-env-forward=TREES -Zmiri-env-forward=CASES{ignore}"
                );
                command.env("MIRIFLAGS", flags);
            }
            Self::Asan => {
                command.args(["test", "--target", &host, "--target-dir"]).arg(dir.join("asan"));
                command.env("RUSTFLAGS", "-Zsanitizer=address");
                command.env("ASAN_OPTIONS", format!("detect_leaks={}", u8::from(leaks)));
            }
            Self::Tsan => {
                // It takes the standard library's own locks for races, unless they are built with it too.
                command
                    .args(["test", "-Zbuild-std", "--target", &host, "--target-dir"])
                    .arg(dir.join("tsan"));
                command.env("RUSTFLAGS", "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer");
            }
            Self::Valgrind => {
                command.args(["test", "--target-dir"]).arg(dir);
                let kinds = if leaks { "definite,indirect" } else { "none" };
                let runner = format!(
                    "valgrind --quiet --error-exitcode={VALGRIND_FOUND} --fair-sched=yes --leak-check=full \
                     --show-leak-kinds={kinds} --errors-for-leak-kinds={kinds} --suppressions={}",
                    workspace::root().join("tests/xtask/valgrind.supp").display()
                );
                let host = host.to_uppercase().replace(['-', '.'], "_");
                command.env(format!("CARGO_TARGET_{host}_RUNNER"), runner);
            }
            Self::Wine => {
                command.arg("--target-dir").arg(setup::ensure_target(&WINDOWS)?.target_dir());
                setup::Wine::ensure()?.apply(&mut command, WINDOWS.triple);
            }
        }
        Ok(command)
    }
}
