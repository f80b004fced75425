//! How many instructions the hot paths of core take on this machine, counted by callgrind: the same number in every run, to
//! the instruction. See `tests/measure/instructions`, which has the paths.

mod record;

use super::row::Row;
use super::table::Table;
use crate::process::{self, Ended};
use crate::{artifact, setup, workspace};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub use record::{Counted, Record, has_grown};

/// The group's name.
pub const GROUP: &str = "instructions";

/// The package and its program.
const PROGRAM: &str = "everloop-instructions";
/// The function at each call of which callgrind writes down what it has counted since the last.
const MARK: &str = "everloop_instructions::mark*";
/// The marks that are about one path: before it, after so many times, and after twice as many more.
const MARKS: usize = 3;
/// How long the program may take.
const LIMIT: Duration = Duration::from_secs(300);

/// The file with the counts.
pub fn file() -> PathBuf {
    workspace::root().join("tests/measure/instructions.txt")
}

/// Counts, prints the table, and with `bless` writes the counts down.
pub fn run(bless: bool) -> Result<()> {
    let now = Record { made_with: made_with()?, counts: count()? };
    let recorded = if bless { None } else { Some(recorded()?) };
    let mut table = Table::new(["one time", "recorded", "now"]);
    for Counted { path, instructions } in &now.counts {
        let before = recorded.as_ref().and_then(|recorded| recorded.of(path));
        table.line(path, [before, Some(*instructions)]);
    }
    println!("\n{table}\nInstructions on {}.", now.made_with);
    match recorded {
        Some(recorded) if recorded.made_with != now.made_with => {
            println!("Those recorded are of {}, so they can't be compared.", recorded.made_with);
        }
        Some(_) => {}
        None => fs::write(file(), now.to_string())
            .with_context(|| format!("could not write {}", file().display()))?,
    }
    Ok(())
}

/// The counts that are checked in.
pub fn recorded() -> Result<Record> {
    let path = file();
    let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    Record::parse(&text).with_context(|| format!("{} is damaged", path.display()))
}

/// What the counts depend on besides the code.
pub fn made_with() -> Result<String> {
    let rustc = process::output(Command::new(workspace::rustc()).arg("-V").current_dir(workspace::root()))?;
    // For the allocator.
    let libc = process::output(Command::new("getconf").arg("GNU_LIBC_VERSION"))
        .unwrap_or_else(|_| "another C library".to_owned());
    Ok(format!("{rustc}, {libc}, {}", workspace::host()?))
}

/// Runs all paths under callgrind.
pub fn count() -> Result<Vec<Counted>> {
    setup::ensure_valgrind()?;
    let program = artifact::counted(PROGRAM)?;
    let dir = program.with_extension("counts");
    // Nothing of another run may be left.
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).with_context(|| format!("could not make {}", dir.display()))?;
    let out = dir.join("part");
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind"]).arg(format!("--dump-before={MARK}"));
    command.arg(format!("--callgrind-out-file={}", out.display())).arg(program);
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
    ensure!(!rows.is_empty(), "no row from `{shown}`; it said:{other}");
    rows.iter().enumerate().map(|(index, row)| path(&out, index, row)).collect()
}

/// The path that is the program's `index`th.
fn path(out: &Path, index: usize, row: &Row) -> Result<Counted> {
    let times = row.number("times").with_context(|| format!("row `{}` says no `times`", row.name))?;
    let part = |which: usize| {
        let part = out.with_extension((MARKS * index + which).to_string());
        let text = fs::read_to_string(&part);
        total(&text.with_context(|| format!("callgrind has not written {}", part.display()))?)
            .with_context(|| format!("no total in {}", part.display()))
    };
    // What is counted from one, and the first of the three is about what comes before.
    let (once, twice) = (part(2)?, part(3)?);
    record::once(times, once, twice)
        .map(|instructions| Counted { path: row.name.clone(), instructions })
        .with_context(|| format!("`{}` takes nothing: {once} and {twice} in all", row.name))
}

/// How many instructions a file of callgrind's is about.
fn total(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("summary: "))?.trim().parse().ok()
}
