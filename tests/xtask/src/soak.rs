//! `cargo xtask soak`: the program of `tests/soak`, which is of a workspace of its own.

use crate::{process, workspace};
use anyhow::{Result, bail};
use std::time::Duration;

const FOLDER: &str = "tests/soak";
/// What it takes beside the load itself: the build, and its end.
const BESIDE: Duration = Duration::from_secs(30 * 60);

/// Runs it for so long. Whether everything stayed flat.
pub fn run(time: Duration) -> Result<bool> {
    let folder = workspace::target_dir().join("soak");
    let mut command = workspace::cargo();
    command
        .args(["run", "--release", "--manifest-path"])
        .arg(workspace::root().join(FOLDER).join("Cargo.toml"));
    command.arg("--target-dir").arg(&folder).arg("--").arg((time.as_secs() / 60).to_string()).arg(&folder);
    match process::inherit(&mut command, time + BESIDE)? {
        Some(status) => Ok(status.success()),
        None => bail!("it does not end by itself"),
    }
}
