//! What a suite is made of, and running one.

mod boot;
mod cargo;
mod cases;
mod checked;
pub mod instructions;
pub mod masked;
pub mod no_allocator;
pub mod nostd;
mod watcher;

pub use boot::BootTest;
pub use cargo::CargoTest;
pub use cases::Cases;
pub use checked::CheckedTest;
pub use watcher::Watcher;

use crate::console;
use crate::process::Ended;
use crate::tally::{Counter, Tally};
use anyhow::Result;
use std::process::Command;
use std::time::Duration;

/// A named list of runs.
pub struct Suite {
    /// Its name, for `--only`.
    pub name: &'static str,
    /// What it runs.
    pub runs: &'static [Run],
}

/// One run of a suite.
pub enum Run {
    /// `cargo test`.
    Cargo(CargoTest),
    /// An image in QEMU that prints its own counts.
    Boot(BootTest),
    /// `cargo test` under a tool that watches memory; skipped where that can't be had.
    Checked(CheckedTest),
    /// Tests in this program: a title and the function that runs them.
    Cases(&'static str, fn(&mut Cases<'_>) -> Result<()>),
}

/// What was asked for on the command line.
#[derive(Debug, Default)]
pub struct Options {
    /// Only tests whose name contains this.
    pub filter: Option<String>,
    /// The slow ones too.
    pub long: bool,
    /// The suite was asked for by its name.
    pub named: bool,
}

impl Suite {
    /// Runs everything in it and counts; what goes wrong outside a test counts as a failed one.
    pub fn run(&self, options: &Options) -> Tally {
        let mut tally = Tally::default();
        for run in self.runs {
            match run {
                Run::Cargo(test) => {
                    for command in test.commands(options) {
                        tally += counted(&test.title(), command, test.limit());
                    }
                }
                Run::Boot(test) if test.is_left_out(options) => {
                    tally.skip(format!("{}: only with --long or by the suite's name", test.title()));
                }
                Run::Boot(test) => match test.command(options) {
                    Ok(command) => tally += counted(&test.title(), command, test.limit()),
                    Err(error) => {
                        console::line(format_args!("error: {error:#}"));
                        tally.fail(format!("{}: {error:#}", test.title()));
                    }
                },
                Run::Checked(test) => match test.commands(options) {
                    Ok(commands) => {
                        for what in test.skips(options) {
                            tally.skip(format!("{}: {what}", test.title()));
                        }
                        for command in commands {
                            tally += counted(&test.title(), command, test.limit());
                        }
                    }
                    Err(why) => {
                        console::line(format_args!("{} is skipped: {why:#}", test.title()));
                        tally.skip(format!("{}: {why:#}", test.title()));
                    }
                },
                Run::Cases(title, run) => {
                    heading(title);
                    let mut cases = Cases::new(options);
                    let ended = run(&mut cases);
                    tally += cases.finish();
                    if let Err(error) = ended {
                        console::line(format_args!("error: {error:#}"));
                        tally.fail(format!("{title}: {error:#}"));
                    }
                }
            }
        }
        if !tally.ran() && tally.skipped == 0 && options.filter.is_none() {
            tally.fail("it ran no test");
        }
        tally
    }
}

fn heading(text: &str) {
    console::line(format_args!("\n--- {text}"));
}

/// Runs a command that prints test results.
fn counted(title: &str, mut command: Command, limit: Duration) -> Tally {
    let shown = crate::workspace::shown(&command);
    heading(&shown);
    // Many tests panic on purpose, and each would look its backtrace up: seconds under a watcher. A test that fails is run
    // again by hand.
    command.env("RUST_BACKTRACE", "0");
    let mut counter = Counter::default();
    let ended = crate::process::stream(&shown, &mut command, limit, |line| {
        console::line(line);
        counter.line(line);
    });
    let during = counter.unfinished().map_or_else(String::new, |test| format!(" in {test}"));
    // A program may fail after all its tests have passed: by a leak.
    let of = match counter.programs() {
        [] => String::new(),
        programs => format!(" of {}", programs.join(" and of ")),
    };
    let found = match counter.reported() {
        [] => String::new(),
        lines => format!(", but found: {}", lines.join(" | ")),
    };
    let mut tally = counter.finish();
    match ended {
        Ok(Ended::Exited(status)) if status.success() || tally.failed > 0 => {}
        Ok(Ended::Exited(status)) => {
            tally.fail(format!("{status}{of}{during} and no test that failed{found}, from `{shown}`"))
        }
        Ok(Ended::TimedOut(tail)) => {
            let limit = limit.as_secs();
            console::line(format_args!("killed after {limit} s; its last lines:\n{tail}"));
            tally.fail(format!("not done after {limit} s{during}: `{shown}`"));
        }
        Err(error) => tally.fail(format!("{error:#}")),
    }
    tally.within(title)
}
