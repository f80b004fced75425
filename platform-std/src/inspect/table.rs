use std::fmt;

use super::human::{Plain, Time, name, site};
use super::snapshot::{Snapshot, TaskEntry};

/// A table of the tasks: see [`Snapshot::table`].
#[derive(Clone, Copy, Debug)]
pub struct Table<'a>(pub(super) &'a Snapshot);

const HEADING: [&str; 8] =
    ["task", "name", "state", "waits on", "polls", "longest poll", "since last poll", "created at"];

/// The columns of numbers, which end at the same place.
const RIGHT: [bool; 8] = [true, false, false, false, true, true, true, false];

fn row(task: &TaskEntry) -> [String; 8] {
    let mut state = Plain(&task.state).to_string();
    if task.cancelling > 0 {
        state.push_str(", cancelling");
    }
    [
        task.id.to_string(),
        name(task),
        state,
        task.waits_on.as_deref().map_or_else(String::new, |reason| Plain(reason).to_string()),
        task.polls.to_string(),
        Time(task.longest_poll_ns).to_string(),
        Time(task.waiting_ns).to_string(),
        site(task).unwrap_or_default(),
    ]
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<_> =
            std::iter::once(HEADING.map(str::to_owned)).chain(self.0.tasks.iter().map(row)).collect();
        let widths: [usize; 8] = std::array::from_fn(|column| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        });
        for row in &rows {
            let mut line = String::new();
            for ((cell, width), right) in row.iter().zip(widths).zip(RIGHT) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                line += &if right { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
