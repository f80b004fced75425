//! The measuring programs: see `tests/measure`.

use super::Row;
use crate::images::Image;
use crate::process::{self, Ended};
use crate::qemu::{self, Boot, Clock};
use crate::{artifact, workspace};
use anyhow::{Context, Result, bail, ensure};
use std::time::Duration;

/// How long one group may take.
const LIMIT: Duration = Duration::from_secs(180);

/// How a measuring program is built.
#[derive(Clone, Copy, Debug)]
pub enum Program {
    /// As any other program.
    Plain,
    /// With a critical section that takes note of how long each lasts.
    Recorder,
    /// With core's feature `inspect`.
    Inspect,
}

impl Program {
    fn features(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Recorder => "recorder",
            Self::Inspect => "plain,inspect",
        }
    }

    /// Builds it for the image's board and has it measure a group.
    pub fn rows(self, image: &Image, group: &str) -> Result<Vec<Row>> {
        let path = artifact::image_with(image, self.features())?;
        let args = [image.bin, group];
        let boot = Boot { clock: Clock::Counted, nic: "none", args: &args };
        let mut command = qemu::command(image.machine, &path, &boot)?;
        let shown = workspace::shown(&command);
        let (mut rows, mut other) = (Vec::new(), String::new());
        let ended = process::stream(&shown, &mut command, LIMIT, |line| match Row::parse(line) {
            Some(row) => rows.push(row),
            None => other.push_str(&format!("\n    {line}")),
        });
        match ended.with_context(|| format!("`{shown}`"))? {
            Ended::Exited(status) if status.success() => {}
            Ended::Exited(status) => bail!("{status} from `{shown}`; it said:{other}"),
            Ended::TimedOut(_) => bail!("not done after {} s: `{shown}`; it said:{other}", LIMIT.as_secs()),
        }
        ensure!(
            rows.iter().any(|row| row.group == group),
            "no row of {group} from `{shown}`; it said:{other}"
        );
        Ok(rows)
    }
}

/// The board's name, which ends that of the package.
pub fn board(image: &Image) -> &'static str {
    image.package.strip_prefix("everloop-measure-").unwrap_or(image.package)
}
