//! The outcome of the cases, as lines for whoever asked for them.

use crate::failure::{Failure, Outcome};
use core::fmt::Write;
use everloop_core::{Duration, Fixed, Queue, wait_for};
use heapless::String;

/// How long a case may take.
const LIMIT: Duration = Duration::from_secs(90);

/// A line, with its end.
#[derive(Debug)]
pub struct Line {
    pub text: String<160>,
    /// Whether no more come.
    pub last: bool,
}

/// Runs cases and counts them.
pub struct Report<'a> {
    lines: &'a Queue<Line, Fixed<2>>,
    passed: u32,
    failed: u32,
}

impl<'a> Report<'a> {
    /// Says its lines to this queue.
    pub fn new(lines: &'a Queue<Line, Fixed<2>>) -> Self {
        Self { lines, passed: 0, failed: 0 }
    }

    /// Runs a case and says how it went.
    pub async fn case(&mut self, name: &str, case: impl Future<Output = Outcome>) {
        let outcome = wait_for(case, LIMIT).await.unwrap_or_else(|_too_slow| {
            Err(Failure::new(format_args!("not done after {} s", LIMIT.as_millis() / 1000)))
        });
        let mut text = String::new();
        // Everything fits.
        let _ = match outcome {
            Ok(()) => {
                self.passed += 1;
                writeln!(text, "test {name} ... ok")
            }
            Err(failure) => {
                self.failed += 1;
                writeln!(text, "test {name} ... FAILED: {failure}")
            }
        };
        self.say(text, false).await;
    }

    /// Says how many there were of each.
    pub async fn finish(self) {
        let mut text = String::new();
        let _ = writeln!(text, "{} passed, {} failed", self.passed, self.failed);
        self.say(text, true).await;
    }

    async fn say(&self, text: String<160>, last: bool) {
        // Nobody shuts the queue down.
        let _ = self.lines.put(Line { text, last }).await;
    }
}
