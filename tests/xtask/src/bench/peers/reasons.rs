//! What stands in the way of the lines that miss what they are to reach.

/// A workload, which of its numbers, and why it is not better.
pub type Reason = (&'static str, &'static str, &'static str);

/// All that is known.
pub const REASONS: &[Reason] = &[];

/// Why this number is not better.
pub fn of(workload: &str, key: &str) -> Option<&'static str> {
    let found = REASONS.iter().find(|(of, number, _)| *of == workload && *number == key);
    found.map(|(.., reason)| *reason)
}
