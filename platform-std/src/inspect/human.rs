//! How what a snapshot says is written for people.

use std::fmt::{self, Write};

use super::snapshot::TaskEntry;

/// What came from another program, without what a terminal would take for a command.
pub(super) struct Plain<'a>(pub(super) &'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// A time, of which three digits are enough.
pub(super) struct Time(pub(super) u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")];
        let Some((one, unit)) = UNITS.into_iter().find(|(one, _)| self.0 >= *one) else {
            return write!(f, "{} ns", self.0);
        };
        let (whole, thousandths) = (self.0 / one, self.0 % one / (one / 1000));
        match whole {
            0..10 => write!(f, "{whole}.{:02} {unit}", thousandths / 10),
            10..100 => write!(f, "{whole}.{} {unit}", thousandths / 100),
            _ => write!(f, "{whole} {unit}"),
        }
    }
}

/// The name of a task, or `Task-1` and so on without one.
pub(super) fn name(task: &TaskEntry) -> String {
    match &task.name {
        Some(name) => Plain(name).to_string(),
        None => format!("Task-{}", task.id),
    }
}

/// Where it was created.
pub(super) fn site(task: &TaskEntry) -> Option<String> {
    task.created_at.as_ref().map(|at| format!("{}:{}", Plain(&at.file), at.line))
}
