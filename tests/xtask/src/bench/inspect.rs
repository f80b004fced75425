//! What core's feature `inspect` costs.

use super::Program;
use super::program::board;
use super::row::names;
use super::table::Table;
use crate::images::MEASURING;
use anyhow::Result;

/// The group's name.
pub const GROUP: &str = "inspect";

/// Prints the tables.
pub fn run() -> Result<()> {
    for image in MEASURING {
        let without = Program::Plain.rows(image, GROUP)?;
        let with = Program::Inspect.rows(image, GROUP)?;
        let mut table = Table::new([board(image), "without", "with"]);
        for name in names(&without) {
            let number = |rows: &[super::Row]| {
                rows.iter().find(|row| row.name == name)?.numbers.first().map(|(_, number)| *number)
            };
            table.line(name, [number(&without), number(&with)]);
        }
        print!("\n{table}");
    }
    println!("\nInstructions and bytes, without core's feature `inspect` and with it.");
    Ok(())
}
