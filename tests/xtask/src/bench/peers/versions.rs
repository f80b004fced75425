//! What the others are.

use super::FOLDER;
use crate::workspace;

const CRATES: [&str; 8] =
    ["tokio", "smol", "monoio", "glommio", "compio", "futures", "embassy-executor", "kanal"];

/// The crates, by the lock file.
pub fn rust() -> String {
    let locked = workspace::root().join(FOLDER).join("Cargo.lock");
    let locked = std::fs::read_to_string(locked).unwrap_or_default();
    let known = CRATES.map(|name| match workspace::locked_version(&locked, name) {
        Some(version) => format!("{name} {version}"),
        None => format!("{name} of an unknown version"),
    });
    known.join(", ")
}
