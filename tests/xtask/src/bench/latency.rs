//! From an interrupt to a task, beside embassy's executors.

#[cfg(test)]
mod tests;

use super::Row;
use super::table::Table;
use crate::compared::{self, Side};
use crate::process::{self, Ended};
use crate::qemu::{self, Boot, Clock, Machine};
use crate::workspace;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::time::Duration;

/// The group's name.
pub const GROUP: &str = "latency";

/// How long one series may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Who else runs, as the programs have it, and as the table has it.
const RUNNING: [(&str, &str); 3] = [
    ("idle", "thread mode, idle"),
    ("busy", "thread mode, ten tasks yield"),
    ("preempting", "preempting, ten tasks yield in thread mode"),
];
/// Likewise what the task waits for, here and with embassy.
const WAITING: [(&str, &str); 2] = [("waker", "a driver's flag and waker"), ("event", "Event; Signal")];

/// A series of interrupts, in instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Series {
    /// From when the interrupt was due to the task: the least, the median and the most.
    all: [u64; 3],
    /// The most of it that went by before the handler had begun.
    handler: u64,
}

impl Series {
    /// From what a program has said.
    fn of(rows: &[Row]) -> Option<Self> {
        let numbers = |name: &str| {
            let row = rows.iter().find(|row| row.group == GROUP && row.name == name)?;
            Some([row.number("min")?, row.number("median")?, row.number("max")?])
        };
        Some(Self { all: numbers("all")?, handler: numbers("handler")?[2] })
    }

    /// Without what passes in any program before the handler has begun.
    fn without(self, floor: u64) -> Self {
        Self { all: self.all.map(|n| n.saturating_sub(floor)), handler: self.handler.saturating_sub(floor) }
    }

    fn numbers(this: Option<Self>) -> [Option<u64>; 4] {
        let number = |f: fn(Self) -> u64| this.map(f);
        [number(|it| it.all[0]), number(|it| it.all[1]), number(|it| it.all[2]), number(|it| it.handler)]
    }
}

/// Prints the table.
pub fn run() -> Result<()> {
    let ours = Side::Ours.build(GROUP, &[])?;
    let theirs = Side::Embassy.build(GROUP, &[GROUP]);
    if let Err(error) = &theirs {
        eprintln!("embassy's are left out: {error:#}");
    }
    // Nothing masks interrupts, and nothing runs but a loop that looks at a flag.
    let floor = series(&ours, &["spin"])?;
    let heads = ["min", "median", "max", "masked", "embassy's", "median", "max", "masked", "%"];
    let mut table = Table::new(std::iter::once("mps2-an385, instructions").chain(heads));
    let spin = Series::numbers(Some(floor.without(floor.handler)));
    table.line("a loop that looks at a flag", spin.into_iter().chain([None; 5]));
    for (running, who) in RUNNING {
        for (waiting, what) in WAITING {
            let measured =
                |path: &Path| series(path, &[running, waiting]).map(|series| series.without(floor.handler));
            let ours = measured(&ours)?;
            let theirs = theirs.as_ref().ok().map(|path| measured(path)).transpose()?;
            let ratio = theirs.map(|theirs| percent(ours, theirs));
            let numbers = Series::numbers(Some(ours)).into_iter().chain(Series::numbers(theirs));
            table.line(&format!("{who}: {what}"), numbers.chain([ratio]));
        }
    }
    println!(
        "\n{table}\nInstructions from when an interrupt is due and nothing holds it back to the first line of the task \
         that its\nhandler wakes, over 1000 interrupts. masked: the most that passed of it before the handler began. %: \
         our median,\nof embassy's. QEMU takes `wfe`, with which embassy sleeps, for no more than a hint, so that its idle \
         executor looks\nfor tasks all the time instead of sleeping.\nembassy's: {}",
        compared::versions()
    );
    Ok(())
}

/// Rounded to the nearest.
fn percent(ours: Series, theirs: Series) -> u64 {
    let theirs = theirs.all[1].max(1);
    (ours.all[1] * 100 + theirs / 2) / theirs
}

/// Runs a program.
fn series(image: &Path, words: &[&str]) -> Result<Series> {
    let args: Vec<_> = std::iter::once(GROUP).chain(words.iter().copied()).collect();
    let boot = Boot { clock: Clock::Counted, nic: "none", args: &args };
    let mut command = qemu::command(Machine::Mps2An385, image, &boot)?;
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
    Series::of(&rows).with_context(|| format!("no numbers from `{shown}`; it said:{other}"))
}
