//! What goes over the socket: see the documentation of the module above.

use serde::{Deserialize, Serialize};

use super::snapshot::Snapshot;

/// The version that this speaks.
pub(super) const VERSION: u32 = 1;

/// What every request begins with.
const NAME: &str = "everloop-inspect";

/// No request is longer.
pub(super) const LONGEST_REQUEST: usize = 128;

/// What a program answers.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) snapshot: Option<Snapshot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// The part of an answer that is the same in every version.
#[derive(Deserialize)]
pub(super) struct Versioned {
    pub(super) version: u32,
}

impl Answer {
    pub(super) fn snapshot(snapshot: Snapshot) -> Self {
        Self { version: VERSION, snapshot: Some(snapshot), error: None }
    }

    pub(super) fn error(error: impl Into<String>) -> Self {
        Self { version: VERSION, snapshot: None, error: Some(error.into()) }
    }

    /// As a line.
    pub(super) fn to_line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// The line that asks for a snapshot.
pub(super) fn request() -> String {
    format!("{NAME} {VERSION} snapshot\n")
}

/// Whether a line asks for a snapshot; else what is wrong with it.
pub(super) fn read_request(line: &[u8]) -> Result<(), String> {
    let usage = || format!("send the line `{}`", request().trim_end());
    let line = std::str::from_utf8(line).map_err(|_| usage())?;
    let mut words = line.split_ascii_whitespace();
    if words.next() != Some(NAME) {
        return Err(usage());
    }
    match words.next().map(str::parse::<u32>) {
        Some(Ok(VERSION)) => {}
        Some(Ok(_)) => return Err(format!("this program speaks version {VERSION} of the protocol")),
        _ => return Err(usage()),
    }
    match (words.next(), words.next()) {
        (Some("snapshot"), None) => Ok(()),
        _ => Err(usage()),
    }
}
