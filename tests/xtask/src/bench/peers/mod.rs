//! The same work on everloop, on other runtimes and by hand, each time in a process of its own: see `tests/bench`.

mod figure;
mod growth;
mod line;
mod lines;
mod measured;
mod outcome;
mod plan;
mod programs;
mod python;
mod reasons;
mod record;
mod shown;
#[cfg(test)]
mod tests;
mod versions;

use super::Options;
use crate::{artifact, workspace};
use anyhow::{Context, Result, ensure};
use lines::LINES;
use measured::Measured;
use outcome::Outcome;
use programs::Programs;
use record::Record;
use std::path::Path;

/// The group's name.
pub const GROUP: &str = "peers";

/// Of no workspace, so that nothing else ever needs the other crates.
const FOLDER: &str = "tests/bench";
/// How often each is repeated when nothing else is said.
const ROUNDS: usize = 5;

/// Whose column it is that all this is about.
const OURS: &str = "everloop";
/// Who does it by hand, in the way that a loop could.
const RAW: &str = "raw";
/// Whom everybody knows.
const TOKIO: &str = "tokio";

/// Measures and prints.
pub fn run(options: &Options) -> Result<()> {
    let rounds = options.rounds.unwrap_or(ROUNDS);
    let wanted = options.workload.as_deref();
    let lines: Vec<_> =
        LINES.iter().filter(|line| wanted.is_none_or(|wanted| wanted == line.workload)).collect();
    let grows = wanted.is_none_or(|wanted| wanted == growth::NAME);
    ensure!(
        grows || !lines.is_empty(),
        "there is no such workload; there are {}, {}",
        lines::names().join(", "),
        growth::NAME
    );
    let programs = Programs::ready()?;
    let mut record = Record::new()?;
    let mut notes = programs.notes.clone();
    if !lines.is_empty() {
        let works = lines::works(&lines);
        let measured = Measured::take(&programs, &works, rounds, &mut record, |_| true);
        let outcomes: Vec<_> = lines.iter().map(|line| Outcome::of(line, &measured)).collect();
        println!("\n{}", shown::tables(&outcomes, &measured));
        notes.extend(plan::notes(|workload| works.contains(&(workload, None))));
        notes.extend(measured.failures());
        picture(&outcomes, options.svg.as_deref(), wanted.is_none())?;
    }
    if grows {
        let measured = Measured::take(&programs, &growth::works(), rounds, &mut record, growth::is_of);
        println!("\n{}", growth::table(&measured));
        notes.extend(measured.failures());
    }
    match rounds.min(plan::OF_A_MILLION) {
        fewer if fewer < rounds => {
            println!("{rounds} rounds, {fewer} of what has 1,000,000 tasks or timers; medians.")
        }
        _ => println!("{rounds} rounds, medians."),
    }
    let (processes, seconds) = (record.processes, record.took.as_secs());
    println!("{processes} processes, {seconds} s; what each took and told: {}", record.path.display());
    notes.iter().for_each(|note| println!("{note}"));
    Ok(())
}

/// Draws the outcomes: where that is said, and if all was measured, to be looked at beside the program.
fn picture(outcomes: &[Outcome<'_>], path: Option<&Path>, is_all: bool) -> Result<()> {
    let kept = workspace::root().join(FOLDER).join("peers.svg");
    let Some(to) = path.or(is_all.then_some(&kept)) else { return Ok(()) };
    let data = workspace::target_dir().join("bench-peers.tsv");
    std::fs::write(&data, shown::data(outcomes))
        .with_context(|| format!("could not write {}", data.display()))?;
    let program = artifact::released(FOLDER, "everloop-bench-picture")?;
    let status = std::process::Command::new(program).arg(&data).arg(to).status()?;
    ensure!(status.success(), "no picture could be drawn ({status})");
    println!("drawn: {}", to.display());
    Ok(())
}
