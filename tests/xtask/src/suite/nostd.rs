//! The core crate builds for every target without the standard library.

use super::Cases;
use crate::images::CORE_TARGETS;
use crate::setup::{self, Need, Target};
use crate::{process, workspace};
use anyhow::{Result, bail};
use std::time::Duration;

/// How long one build may take.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Each target with and without `alloc`.
pub fn run(cases: &mut Cases<'_>) -> Result<()> {
    for target in CORE_TARGETS {
        for (label, features) in [("none", ""), ("alloc", "alloc")] {
            let name = format!("core-{label}-{}", target.triple);
            if !cases.wants(&name) {
                continue;
            }
            match setup::ensure_target(target) {
                Err(error) if target.need == Need::Optional => cases.skip(&name, &format!("{error:#}")),
                Err(error) => cases.run(&name, || Err(error)),
                Ok(toolchain) => cases.run(&name, || build(&toolchain, target, features)),
            }
        }
    }
    Ok(())
}

fn build(toolchain: &setup::Toolchain, target: &Target, features: &str) -> Result<()> {
    let mut command = toolchain.cargo("build", target);
    command.args(["--package", "everloop-core", "--no-default-features", "--features", features]);
    command.arg("--target-dir").arg(toolchain.target_dir());
    match process::inherit(&mut command, LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("`{}` failed ({status})", workspace::shown(&command)),
        None => bail!("`{}` took too long", workspace::shown(&command)),
    }
}
