//! A queue that an interrupt handler feeds.

use super::Program;
use super::program::board;
use super::table::Table;
use crate::images::MEASURING;
use anyhow::Result;

/// The group's name.
pub const GROUP: &str = "interrupt-queue";

const COLUMNS: [(&str, &str); 8] = [
    ("interval", "interval"),
    ("items", "items"),
    ("lost", "lost"),
    ("refused", "refused"),
    ("late", "late"),
    ("per_item", "per item"),
    ("average", "until got"),
    ("worst", "at worst"),
];

/// Prints the tables.
pub fn run() -> Result<()> {
    for image in MEASURING {
        let heads = std::iter::once(board(image)).chain(COLUMNS.map(|(_, head)| head));
        let mut table = Table::new(heads);
        for row in Program::Plain.rows(image, GROUP)? {
            table.line(&row.name, COLUMNS.map(|(key, _)| row.number(key)));
        }
        print!("\n{table}");
    }
    println!(
        "\nNumbered items that a timer's interrupt puts into a queue of 16 places, and a task gets. interval: \
         instructions from\none interrupt to the next. refused: how often the queue was full, after which the next \
         interrupt puts the same item.\nlate: how often the handler was not done when it was to begin again. per item: \
         instructions from the first item to the\nlast, for each. until got: from the handler's first line to the task \
         having the item, on average."
    );
    Ok(())
}
