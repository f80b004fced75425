//! Where the workspace is, and the cargo commands that are run in it.

use crate::process;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root folder.
///
/// Known from the place of this package, so that `cargo xtask` works from any folder.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// The folder for build output.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A cargo command in the workspace's root; the same cargo that runs this program.
pub fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    cleaned(&mut command);
    command
}

/// As [`cargo`], but that of another toolchain, which rustup has.
pub fn cargo_of(toolchain: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", toolchain, "cargo"]);
    cleaned(&mut command);
    // Both were set for this program, by the toolchain that is not to be used now.
    command.env_remove("CARGO").env_remove("RUSTC");
    command
}

fn cleaned(command: &mut Command) {
    command.current_dir(root());
    if std::env::var_os("CI").is_some() {
        // Nothing is built a second time there, and what is kept for it fills gigabytes.
        command.env("CARGO_INCREMENTAL", "0");
    }
    // What `cargo run` set for this program is about this package, not about those that are built next.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_BIN_")
        {
            command.env_remove(&*name);
        }
    }
}

/// The triple of this machine.
pub fn host() -> Result<String> {
    let version = process::output(Command::new(rustc()).arg("-vV").current_dir(root()))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

/// The compiler that cargo uses here.
pub fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"))
}

/// A command as a person would type it, for headings and errors.
pub fn shown(command: &Command) -> String {
    let mut text = Path::new(command.get_program())
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        // The folder for build output says nothing to the reader, and is long.
        let arg = arg.replace(&*root().to_string_lossy(), ".");
        text.push(' ');
        text.push_str(if arg.is_empty() { "''" } else { &arg });
    }
    text
}

/// The version of a package, in the text of a lock file.
pub fn locked_version(locked: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let version = locked.lines().skip_while(|line| *line != name).nth(1)?;
    Some(version.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}
