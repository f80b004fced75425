//! The same work on everloop, on other runtimes and by hand, each time in a process of its own: see `tests/bench`.

mod figure;
mod line;
mod lines;
mod measured;
mod outcome;
mod shown;
#[cfg(test)]
mod tests;

use super::Options;
use crate::{artifact, workspace};
use anyhow::{Context, Result, ensure};
use lines::LINES;
use measured::Measured;
use outcome::Outcome;

/// The group's name.
pub const GROUP: &str = "peers";

/// Of no workspace, so that nothing else ever needs the other crates.
const FOLDER: &str = "tests/bench";
/// How often each is repeated when nothing else is said.
const ROUNDS: usize = 5;

/// Whose column it is that all this is about.
const OURS: &str = "everloop";
/// Who does it by hand.
const RAW: &str = "raw";

/// Measures and prints.
pub fn run(options: &Options) -> Result<()> {
    let rounds = options.rounds.unwrap_or(ROUNDS);
    let wanted = options.workload.as_deref();
    let lines: Vec<_> =
        LINES.iter().filter(|line| wanted.is_none_or(|wanted| wanted == line.workload)).collect();
    ensure!(!lines.is_empty(), "there is no such workload; there are {}", lines::names().join(", "));
    let program = artifact::released(FOLDER, "everloop-bench")?;
    let measured = Measured::take(&program, &lines, rounds)?;
    let outcomes: Vec<_> = lines.iter().map(|line| Outcome::of(line, &measured)).collect();
    let text = format!("{}\n{}", shown::tables(&outcomes, &measured), measured.notes());
    println!("\n{text}\n{rounds} rounds, medians. {}", versions());
    if wanted.is_none() {
        picture(&outcomes)?;
    }
    Ok(())
}

/// Draws the outcomes, to be looked at beside the program.
fn picture(outcomes: &[Outcome]) -> Result<()> {
    let data = workspace::target_dir().join("bench-peers.tsv");
    std::fs::write(&data, shown::data(outcomes))
        .with_context(|| format!("could not write {}", data.display()))?;
    let program = artifact::released(FOLDER, "everloop-bench-picture")?;
    let to = workspace::root().join(FOLDER).join("peers.svg");
    let status = std::process::Command::new(program).arg(&data).arg(&to).status()?;
    ensure!(status.success(), "no picture could be drawn ({status})");
    println!("drawn: {}", to.display());
    Ok(())
}

/// What the others are, by the lock file.
fn versions() -> String {
    let locked = workspace::root().join(FOLDER).join("Cargo.lock");
    let locked = std::fs::read_to_string(locked).unwrap_or_default();
    let crates = ["tokio", "smol", "monoio", "glommio", "compio", "futures", "embassy-executor", "kanal"];
    let known = crates.map(|name| match workspace::locked_version(&locked, name) {
        Some(version) => format!("{name} {version}"),
        None => format!("{name} of an unknown version"),
    });
    known.join(", ")
}
