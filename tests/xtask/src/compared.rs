//! The programs that are compared with embassy's: `tests/measure/firmware`, and the package in it that has embassy's.

use crate::images::THUMBV7M;
use crate::{artifact, workspace};
use anyhow::Result;
use std::path::PathBuf;

const OURS: &str = "tests/measure/firmware";
/// Of no workspace, so that what can't be had harms nothing else.
const PEERS: &str = "tests/measure/firmware/peers";

/// What embassy's programs are made of.
const CRATES: [&str; 4] = ["embassy-executor", "embassy-time", "embassy-sync", "embassy-net"];

/// Whose program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// This project's.
    Ours,
    /// embassy's.
    Embassy,
}

impl Side {
    /// Builds a program with these features of its package.
    pub fn build(self, name: &str, features: &[&str]) -> Result<PathBuf> {
        match self {
            Self::Ours => artifact::program(OURS, name, &THUMBV7M, features),
            // The two packages share a folder for what is built, so their programs have different names.
            Self::Embassy => artifact::program(PEERS, &format!("embassy-{name}"), &THUMBV7M, features),
        }
    }
}

/// What embassy's programs are built of, by the lock file.
pub fn versions() -> String {
    let locked = workspace::root().join(PEERS).join("Cargo.lock");
    let locked = std::fs::read_to_string(locked).unwrap_or_default();
    let known = CRATES.map(|name| match workspace::locked_version(&locked, name) {
        Some(version) => format!("{name} {version}"),
        None => format!("{name} of an unknown version"),
    });
    known.join(", ")
}
