//! Tests that are code of this program, reported as libtest reports its own.

use super::Options;
use crate::console;
use crate::tally::Tally;
use anyhow::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// Runs tests by name, and counts.
pub struct Cases<'a> {
    options: &'a Options,
    tally: Tally,
}

impl<'a> Cases<'a> {
    /// None so far.
    pub fn new(options: &'a Options) -> Self {
        Self { options, tally: Tally::default() }
    }

    /// Whether a test of that name was asked for.
    pub fn wants(&self, name: &str) -> bool {
        self.options.filter.as_deref().is_none_or(|filter| name.contains(filter))
    }

    /// Runs a test, unless it is filtered out; a panic is a failure like any other.
    pub fn run(&mut self, name: &str, test: impl FnOnce() -> Result<()>) {
        if !self.wants(name) {
            return;
        }
        let start = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(test)).unwrap_or_else(|_| Err(Error::msg("it panicked")));
        let took = start.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => {
                console::line(format_args!("test {name} ... ok ({took:.1} s)"));
                self.tally.pass();
            }
            Err(error) => {
                console::line(format_args!("test {name} ... FAILED ({took:.1} s)\n    {error:#}"));
                self.tally.fail(format!("{name}: {error:#}"));
            }
        }
    }

    /// Leaves a test out, and says why.
    pub fn skip(&mut self, name: &str, why: &str) {
        if self.wants(name) {
            console::line(format_args!("test {name} ... skipped: {why}"));
            self.tally.skip(format!("{name}: {why}"));
        }
    }

    /// The counts.
    pub fn finish(self) -> Tally {
        self.tally
    }
}
