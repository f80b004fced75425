//! Reading counts from what a test program prints.
//!
//! Two formats are understood: libtest's, `test result: ok. 12 passed; 0 failed; 1 ignored; ...`, and that of the
//! bare-metal harness, `12 passed, 0 failed` alone on a line, with `, 1 skipped` behind it or not.

use super::Tally;

/// How many lines of what a failed test or a watcher said are kept: the first ones tell what and where.
const SAID: usize = 16;

/// Reads output line by line.
#[derive(Debug, Default)]
pub struct Counter {
    tally: Tally,
    /// How many binaries have announced tests (`running 3 tests`) and not yet told a result.
    open: u64,
    /// The test that was begun and did not come to an outcome.
    unfinished: Option<String>,
    /// The programs that cargo calls failed, by the arguments that run them again.
    programs: Vec<String>,
    /// What the failed tests of the last program printed, by their names.
    outputs: Vec<(String, Vec<String>)>,
    /// Whether the lines are of the last of them.
    in_output: bool,
    /// What a watcher found in the program that runs, and in those that failed.
    found: Vec<String>,
    reported: Vec<String>,
}

impl Counter {
    /// Reads one line.
    pub fn line(&mut self, line: &str) {
        let line = without_colour(line);
        let line = line.trim();
        if self.output(line) {
            return;
        }
        if let Some(report) = of_watcher(line) {
            if self.found.len() < SAID && !report.is_empty() {
                self.found.push(report.to_owned());
            }
            return;
        }
        if line.starts_with("Running ") {
            self.found.clear();
        }
        if let Some(result) = line.strip_prefix("test result: ") {
            self.open = self.open.saturating_sub(1);
            self.libtest_result(result);
        } else if is_announcement(line) {
            self.open += 1;
        } else if let Some(test) = line.strip_prefix("test ") {
            self.one_test(test);
        } else if let Some(arguments) = line.strip_prefix("error: test failed, to rerun pass `") {
            self.programs.push(arguments.trim_end_matches('`').to_owned());
            self.reported.append(&mut self.found);
        } else if let Some(counts) = harness_result(line) {
            self.tally.passed += counts.0;
            self.tally.failed += counts.1;
            self.tally.skipped += counts.2;
        }
    }

    /// The test that the output ended in, if it did.
    pub fn unfinished(&self) -> Option<&str> {
        self.unfinished.as_deref()
    }

    /// The programs that failed, of `cargo test`.
    pub fn programs(&self) -> &[String] {
        &self.programs
    }

    /// What a watcher found in the programs that failed: the beginning of it.
    pub fn reported(&self) -> &[String] {
        &self.reported
    }

    /// The counts, once the output has ended.
    pub fn finish(mut self) -> Tally {
        for (name, lines) in &self.outputs {
            let failures = &mut self.tally.failures;
            if let Some(failure) = failures.iter_mut().rev().find(|failure| *failure == name) {
                *failure = format!("{name}: {}", lines.join(" | "));
            }
        }
        for _ in 0..self.open {
            self.tally.fail("a test program ended before its result");
        }
        self.tally
    }

    /// Whether the line is of what a failed test printed, which is told after all of a program's tests have run.
    fn output(&mut self, line: &str) -> bool {
        let heading = line.strip_prefix("---- ").and_then(|line| line.strip_suffix(" ----"));
        if let Some(name) = heading {
            self.outputs.push((name.strip_suffix(" stdout").unwrap_or(name).to_owned(), Vec::new()));
            self.in_output = true;
            return true;
        }
        if line == "failures:" || line.starts_with("test result: ") {
            self.in_output = false;
        }
        let Some((_, lines)) = self.outputs.last_mut().filter(|_| self.in_output) else { return false };
        let is_hint = line.starts_with("note: run with `RUST_BACKTRACE");
        if lines.len() < SAID && !line.is_empty() && !is_hint {
            lines.push(line.to_owned());
        }
        true
    }

    fn libtest_result(&mut self, result: &str) {
        let count = |what: &str| {
            result.split([';', '.']).find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok())
        };
        self.tally.passed += count("passed").unwrap_or(0_u64);
        self.tally.failed += count("failed").unwrap_or(0_u64);
        self.tally.skipped += count("ignored").unwrap_or(0_u64);
    }

    /// Only notes names: the counts come from the closing line.
    fn one_test(&mut self, test: &str) {
        let Some((name, outcome)) =
            test.split_once(" ... ").or_else(|| Some((test.strip_suffix(" ...")?, "")))
        else {
            return;
        };
        // libtest-mimic aligns the outcomes.
        let name = name.trim_end();
        self.unfinished = None;
        if outcome.starts_with("FAILED") || outcome.starts_with("failed") {
            self.tally.failures.push(name.to_owned());
        } else if let Some(why) = outcome.strip_prefix("ignored").or_else(|| outcome.strip_prefix("skipped"))
        {
            let why = why.trim_start_matches([',', ':', ' ']);
            let why = if why.is_empty() { "no reason given" } else { why };
            self.tally.skips.push(format!("{name}: {why}"));
        } else if !outcome.starts_with("ok") {
            // Usually the message of a panic, on the line that announces the test.
            self.unfinished = Some(name.to_owned());
        }
    }
}

/// What is behind the `==123==` that valgrind and the sanitizers put before what they find.
fn of_watcher(line: &str) -> Option<&str> {
    let (process, report) = line.strip_prefix("==")?.split_once("==")?;
    process.parse::<u32>().ok()?;
    Some(report.trim())
}

/// `running 3 tests`
fn is_announcement(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("running ") else { return false };
    let Some((count, noun)) = rest.split_once(' ') else { return false };
    count.parse::<u64>().is_ok() && (noun == "test" || noun == "tests")
}

/// `3 passed, 0 failed` and perhaps `, 1 skipped`, with nothing before or behind it.
fn harness_result(line: &str) -> Option<(u64, u64, u64)> {
    let mut parts = line.split(", ");
    let mut count = |what: &str| parts.next().map(|part| part.strip_suffix(what)?.parse::<u64>().ok());
    let passed = count(" passed")??;
    let failed = count(" failed")??;
    let skipped = match count(" skipped") {
        None => 0,
        Some(skipped) => skipped?,
    };
    parts.next().is_none().then_some((passed, failed, skipped))
}

/// The line without the escape sequences that set colours.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // Up to the letter that ends the sequence.
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}
