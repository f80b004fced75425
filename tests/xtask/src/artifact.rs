//! Building one binary and knowing where it is.

use crate::images::Image;
use crate::setup::{self, Target, Toolchain};
use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// How long a build may take, on a slow machine and from nothing.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// The profile that every board's image is built with.
const FIRMWARE: &str = "firmware";
/// The profile of what is counted on this machine.
const COUNTED: &str = "counted";

/// Builds a board's image; the path is the ELF file's.
pub fn image(image: &Image) -> Result<PathBuf> {
    firmware(image, &[])
}

/// Builds a board's image with exactly these features of its package. The file is a copy, which the next build of the
/// same image leaves alone.
pub fn image_with(image: &Image, features: &str) -> Result<PathBuf> {
    let path = firmware(image, &["--no-default-features", "--features", features])?;
    let copy = path.with_file_name(format!("{}-{}", image.bin, features.replace(',', "-")));
    std::fs::copy(&path, &copy).with_context(|| format!("could not write {}", copy.display()))?;
    Ok(copy)
}

fn firmware(image: &Image, features: &[&str]) -> Result<PathBuf> {
    let toolchain = setup::ensure_target(image.target)?;
    let dir = toolchain.target_dir();
    let mut command = toolchain.cargo("build", image.target);
    command.args(["--package", image.package, "--bin", image.bin, "--profile", FIRMWARE]).args(features);
    command.arg("--target-dir").arg(&dir);
    build(image.bin, &mut command, dir.join(image.target.triple).join(FIRMWARE))
}

/// Builds a program for a board of the package in a folder, which may be of another workspace that has the same profile.
pub fn program(folder: &str, bin: &str, target: &Target, features: &[&str]) -> Result<PathBuf> {
    let toolchain = setup::ensure_target(target)?;
    let dir = toolchain.target_dir();
    let mut command = toolchain.cargo("build", target);
    command.arg("--manifest-path").arg(workspace::root().join(folder).join("Cargo.toml"));
    command.args(["--bin", bin, "--profile", FIRMWARE, "--features", &features.join(",")]);
    command.arg("--target-dir").arg(&dir);
    build(bin, &mut command, dir.join(target.triple).join(FIRMWARE))
}

/// Builds the library of the package in a folder, which may be of another workspace, with these features.
pub fn library(folder: &str, name: &str, target: &Target, features: &[&str]) -> Result<PathBuf> {
    let toolchain = setup::ensure_target(target)?;
    let dir = toolchain.target_dir();
    let mut command = toolchain.cargo("build", target);
    command.arg("--manifest-path").arg(workspace::root().join(folder).join("Cargo.toml"));
    command.args(["--release", "--lib", "--features", &features.join(",")]);
    command.arg("--target-dir").arg(&dir);
    build(&format!("lib{name}.rlib"), &mut command, dir.join(target.triple).join("release"))
}

/// Builds a program for this machine, as it would be shipped, of the package in a folder, which is of another workspace.
pub fn released(folder: &str, bin: &str) -> Result<PathBuf> {
    let dir = Toolchain::Installed.target_dir();
    let mut command = workspace::cargo();
    command.arg("build").arg("--manifest-path").arg(workspace::root().join(folder).join("Cargo.toml"));
    command.args(["--locked", "--release", "--bin", bin]).arg("--target-dir").arg(&dir);
    build(bin, &mut command, dir.join("release"))
}

/// Builds a program for this machine.
pub fn host(package: &str, bin: &str) -> Result<PathBuf> {
    let dir = Toolchain::Installed.target_dir();
    let mut command = workspace::cargo();
    command.args(["build", "--package", package, "--bin", bin]).arg("--target-dir").arg(&dir);
    build(bin, &mut command, dir.join("debug"))
}

/// Builds the program of a package whose instructions are counted, for this machine.
pub fn counted(package: &str) -> Result<PathBuf> {
    let dir = Toolchain::Installed.target_dir();
    let mut command = workspace::cargo();
    command.args(["build", "--package", package, "--profile", COUNTED]).arg("--target-dir").arg(&dir);
    build(package, &mut command, dir.join(COUNTED))
}

fn build(bin: &str, command: &mut Command, dir: PathBuf) -> Result<PathBuf> {
    let shown = workspace::shown(command);
    match process::inherit(command, LIMIT)? {
        Some(status) if status.success() => {}
        Some(status) => bail!("`{shown}` failed ({status})"),
        None => bail!("`{shown}` took longer than {} minutes", LIMIT.as_secs() / 60),
    }
    let path = dir.join(bin);
    if !path.is_file() {
        bail!("`{shown}` succeeded, but there is no {}", path.display());
    }
    Ok(path)
}
