//! The outcome of a run, as the tool that starts it reads it.

use super::Outcome;
use crate::{print, println};
use heapless::String;

/// Runs tests and counts them.
pub struct Report {
    /// Only tests whose name contains this.
    filter: String<64>,
    passed: u32,
    failed: u32,
}

impl Report {
    /// The filter is the command line's first word after the program's name that is no option.
    pub fn from_command_line() -> Self {
        // The first word may be a whole path.
        let mut buffer = [0; 1024];
        let line = crate::command_line(&mut buffer).unwrap_or_default();
        let word = line.split_ascii_whitespace().skip(1).find(|word| !word.starts_with('-'));
        let filter = word.and_then(|word| String::try_from(word).ok()).unwrap_or_default();
        Self { filter, passed: 0, failed: 0 }
    }

    /// Runs a test and prints a line on it.
    pub fn test(&mut self, name: &str, body: impl FnOnce() -> Outcome) {
        if !name.contains(self.filter.as_str()) {
            return;
        }
        print!("test {name} ... ");
        // Out before the test runs: one that hangs should be known by name.
        crate::flush();
        match body() {
            Ok(()) => {
                self.passed += 1;
                println!("ok");
            }
            Err(reason) => {
                self.failed += 1;
                println!("FAILED: {reason}");
            }
        }
    }

    /// Prints the numbers and ends the run.
    pub fn finish(self) -> ! {
        println!("{} passed, {} failed", self.passed, self.failed);
        crate::exit(u32::from(self.failed > 0))
    }
}
