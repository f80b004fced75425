//! The file with the counts.

#[cfg(test)]
mod tests;

use std::fmt;

/// What stands above the counts.
const HEAD: &str = "\
# Instructions that one time of each of core's hot paths takes, as `cargo xtask bench instructions` counts them.
# `cargo xtask test` fails when one has grown by more than 5 %; `cargo xtask bench instructions --bless` writes them anew.
";
/// What is said of where they come from.
const MADE_WITH: &str = "made with ";
/// How far a count may grow, in hundredths.
const MOST: u64 = 105;

/// What one path takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its name.
    pub path: String,
    /// How many instructions one time takes.
    pub instructions: u64,
}

/// The counts of all paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The compiler and all else that they depend on besides the code.
    pub made_with: String,
    /// Of each path.
    pub counts: Vec<Counted>,
}

impl Record {
    /// `None` if the text is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let made_with = lines.next()?.strip_prefix(MADE_WITH)?.to_owned();
        let counts = lines.map(|line| {
            let (instructions, path) = line.trim_start().split_once(' ')?;
            Some(Counted { path: path.trim().to_owned(), instructions: instructions.parse().ok()? })
        });
        Some(Self { made_with, counts: counts.collect::<Option<_>>()? })
    }

    /// What a path took.
    pub fn of(&self, path: &str) -> Option<u64> {
        self.counts.iter().find(|counted| counted.path == path).map(|counted| counted.instructions)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}{MADE_WITH}{}", self.made_with)?;
        self.counts.iter().try_for_each(|counted| writeln!(f, "{:6} {}", counted.instructions, counted.path))
    }
}

/// Whether a path takes so much more than it did that something is wrong.
pub fn has_grown(before: u64, now: u64) -> bool {
    now * 100 > before * MOST
}

/// What one time takes, if so many took `once` and twice as many took `twice`: what comes before and after does not count.
pub fn once(times: u64, once: u64, twice: u64) -> Option<u64> {
    let more = twice.checked_sub(once).filter(|more| *more > 0)?;
    // To the nearest: some of a path's cost is for a thousand times.
    Some((more + times / 2) / times).filter(|instructions| *instructions > 0)
}
