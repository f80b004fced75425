//! How many tests passed, failed and were skipped, and which.

mod count;
#[cfg(test)]
mod tests;

pub use count::Counter;
use std::fmt;
use std::ops::AddAssign;

/// The counts of a run, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that were left out.
    pub skipped: u64,
    /// What failed, as far as it has a name.
    pub failures: Vec<String>,
    /// What was left out, and why.
    pub skips: Vec<String>,
}

impl Tally {
    /// One test that passed.
    pub fn pass(&mut self) {
        self.passed += 1;
    }

    /// One test that failed.
    pub fn fail(&mut self, what: impl Into<String>) {
        self.failed += 1;
        self.failures.push(what.into());
    }

    /// One test that was left out; `what` includes the reason.
    pub fn skip(&mut self, what: impl Into<String>) {
        self.skipped += 1;
        self.skips.push(what.into());
    }

    /// The same, with each name led by where it belongs.
    pub fn within(mut self, place: &str) -> Self {
        for name in self.failures.iter_mut().chain(&mut self.skips) {
            *name = format!("{place}: {name}");
        }
        self
    }

    /// Whether a test was carried out.
    pub fn ran(&self) -> bool {
        self.passed + self.failed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
        self.skips.extend(other.skips);
    }
}

/// The closing line that tools look for.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}
