//! Installing Debian packages, as root or through `sudo`.

use anyhow::{Context, Result, bail};
use nix::unistd::Uid;
use std::process::{Command, Stdio};

/// Installs packages by name; a name that ends in a minus is kept out, as `apt-get` has it.
pub fn install(what_for: &str, packages: &[&str]) -> Result<()> {
    println!("installing {what_for}: {}", packages.join(" "));
    // A list that is older than the mirror's makes every install fail.
    run(&["update"]).with_context(|| by_hand(what_for, packages))?;
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend(packages);
    run(&args).with_context(|| by_hand(what_for, packages))
}

fn by_hand(what_for: &str, packages: &[&str]) -> String {
    let names: Vec<_> = packages.iter().filter(|name| !name.ends_with('-')).copied().collect();
    format!("{what_for} is missing and could not be installed; please install {} by hand", names.join(" "))
}

fn run(args: &[&str]) -> Result<()> {
    let mut command = if Uid::effective().is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--", "apt-get"]);
        sudo
    };
    // Told by an option and not by the environment, which sudo does not pass on.
    command.args(["-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"]);
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    if Uid::effective().is_root() {
        command.stdin(Stdio::null());
    }
    // In this program's own process group, since sudo may ask the terminal for a password.
    let program = command.get_program().display().to_string();
    let status = command.status().with_context(|| format!("could not start `{program}`"))?;
    if !status.success() {
        bail!("`apt-get {}` failed ({status})", args.join(" "));
    }
    Ok(())
}
