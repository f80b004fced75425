//! The hot paths of core take no more instructions than is written down.

#[cfg(test)]
mod tests;

use super::Cases;
use crate::bench::instructions::{self, Counted, Record, has_grown};
use anyhow::{Context, Result, bail, ensure};

/// The name of what is skipped where nothing can be counted.
const ALL: &str = "paths-of-core";

/// One case a path, and one for the record.
pub fn run(cases: &mut Cases<'_>) -> Result<()> {
    let recorded = instructions::recorded()?;
    let here = instructions::made_with()?;
    if recorded.made_with != here {
        // Another compiler makes other code of the same source.
        cases.skip(
            ALL,
            &format!(
                "the counts in {} are of {}, and this is {here}; `{BLESS}` writes them anew",
                instructions::file().display(),
                recorded.made_with
            ),
        );
        return Ok(());
    }
    if let Err(why) = crate::setup::ensure_valgrind() {
        cases.skip(ALL, &format!("{why:#}"));
        return Ok(());
    }
    let now = instructions::count()?;
    for counted in &now {
        cases.run(&counted.path.replace(' ', "-"), || compare(&recorded, counted));
    }
    cases.run("every-path-on-record-is-counted", || all_are_there(&recorded, &now));
    Ok(())
}

/// How the record is brought up to date.
const BLESS: &str = "cargo xtask bench instructions --bless";

/// A path has not grown.
fn compare(recorded: &Record, now: &Counted) -> Result<()> {
    let Counted { path, instructions } = now;
    let before = recorded
        .of(path)
        .with_context(|| format!("it takes {instructions} instructions, and is not on record: `{BLESS}`"))?;
    ensure!(
        !has_grown(before, *instructions),
        "it takes {instructions} instructions, and took {before}; if that is worth it, `{BLESS}` writes it down"
    );
    Ok(())
}

/// No path was lost.
fn all_are_there(recorded: &Record, now: &[Counted]) -> Result<()> {
    let lost: Vec<_> = recorded
        .counts
        .iter()
        .map(|counted| counted.path.as_str())
        .filter(|path| now.iter().all(|counted| counted.path != *path))
        .collect();
    if !lost.is_empty() {
        bail!("not counted any more: {}; `{BLESS}` takes them off the record", lost.join(", "));
    }
    Ok(())
}
