//! Calls in an interrupt handler: the instructions of each, and for how many of them it keeps interrupts masked.

#[cfg(test)]
mod tests;

use super::program::board;
use super::row::names;
use super::table::Table;
use super::{Program, Row};
use crate::images::{Image, MEASURING};
use anyhow::Result;

/// The group's name.
pub const GROUP: &str = "masked";

/// What was found of one call.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// The call.
    pub name: String,
    /// By number of waiters.
    pub found: Vec<Found>,
}

/// With one number of waiters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many wait.
    pub waiters: u64,
    /// The instructions of the call, where they were counted.
    pub instructions: Option<u64>,
    /// How many critical sections it has.
    pub sections: Option<u64>,
    /// The instructions of the longest of them.
    pub longest: Option<u64>,
    /// The instructions of the longest section of any context from when the first begins to wait to when all have gone
    /// on, or were cancelled; where that is known to the instruction.
    pub anywhere: Option<u64>,
}

impl Call {
    /// What was found with so many waiters.
    pub fn with(&self, waiters: u64) -> Option<&Found> {
        self.found.iter().find(|found| found.waiters == waiters)
    }
}

/// Prints the tables.
pub fn run() -> Result<()> {
    for image in MEASURING {
        let mut rows = Program::Plain.rows(image, GROUP)?;
        rows.extend(Program::Recorder.rows(image, GROUP)?);
        print(image, &calls(&rows));
    }
    println!(
        "\nThe instructions of a call in an interrupt handler while so many tasks wait, and those of the longest \
         critical\nsection in it, with nothing counted for masking itself: as long do other interrupts wait. To the \
         instruction: riscv32\ncounts them; on a Cortex-M, whose counter moves once in 40, each call is made at every \
         one of the 40 places between two\ncounts, and the counts are added up."
    );
    Ok(())
}

/// Puts together what was told of each call.
pub fn calls(rows: &[Row]) -> Vec<Call> {
    let of = |name: &str| {
        let mut found: Vec<Found> = Vec::new();
        for row in rows.iter().filter(|row| row.group == GROUP && row.name == name) {
            let waiters = row.number("waiters").unwrap_or(0);
            let at = found.iter().position(|found| found.waiters == waiters).unwrap_or_else(|| {
                found.push(Found { waiters, ..Found::default() });
                found.len() - 1
            });
            let found = &mut found[at];
            found.instructions = found.instructions.or(row.number("instructions"));
            found.sections = found.sections.or(row.number("sections"));
            found.longest = found.longest.or(row.number("longest"));
            found.anywhere = found.anywhere.or(row.number("anywhere"));
        }
        Call { name: name.to_owned(), found }
    };
    names(rows).into_iter().map(of).collect()
}

fn print(image: &Image, calls: &[Call]) {
    let mut waiters: Vec<_> = calls.iter().flat_map(|call| &call.found).map(|found| found.waiters).collect();
    waiters.sort_unstable();
    waiters.dedup();
    for (title, number) in [
        ("instructions", (|found| found.instructions) as fn(&Found) -> Option<u64>),
        ("longest critical section", |found| found.longest),
        ("critical sections", |found| found.sections),
        ("longest critical section with those of the tasks", |found| found.anywhere),
    ] {
        if !calls.iter().flat_map(|call| &call.found).any(|found| number(found).is_some()) {
            continue;
        }
        let heads = std::iter::once(format!("{}: {title}, waiters:", board(image)));
        let mut table = Table::new(heads.chain(waiters.iter().map(|waiters| format!("{waiters:>6}"))));
        for call in calls {
            table.line(&call.name, waiters.iter().map(|waiters| call.with(*waiters).and_then(number)));
        }
        print!("\n{table}");
    }
}
