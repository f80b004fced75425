//! The command line of the program `difftest`.

use std::process::ExitCode;
use std::string::String;
use std::vec::Vec;
use std::{eprintln, format, print, println};

use super::rules::document;
use super::session::{self, Report};
use super::show;

const USAGE: &str = "\
Usage: difftest [--programs N] [--seed S] [--from N] [--most N] [--rules]

  --programs  how many, 10000 without it
  --seed      which, 1 without it
  --from      the number of the first one, 0 without it: to see one again
  --most      stop at so many that do not agree, 1 without it
  --rules     only print where everloop is other than CPython on purpose, and why";

/// Runs it.
pub fn run(args: impl Iterator<Item = String>) -> ExitCode {
    let args: Vec<_> = args.collect();
    if args == ["--rules"] {
        print!("{}", document());
        return ExitCode::SUCCESS;
    }
    let [programs, seed, from, most] = match options(&args) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("error: {why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match session::run(seed, from, programs, most as usize) {
        Ok(report) => {
            print(&report, seed);
            if report.mismatches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: CPython's side: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(args: &[String]) -> Result<[u64; 4], String> {
    let mut options = [("--programs", 10_000), ("--seed", 1), ("--from", 0), ("--most", 1)];
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(option) = options.iter_mut().find(|(name, _)| name == arg) else {
            return Err(format!("no such option: `{arg}`"));
        };
        let number = args.next().and_then(|text| text.parse().ok());
        option.1 = number.ok_or_else(|| format!("{arg} wants a whole number"))?;
    }
    Ok(options.map(|(_, value)| value))
}

/// Prints what was tried and what came of it.
pub fn print(report: &Report, seed: u64) {
    for (title, counts) in [
        ("executed", &report.counts.executed),
        ("outcomes", &report.counts.outcomes),
        ("programs with", &report.counts.runs),
        ("programs not compared to the end, or not in all, by rule", &report.rules),
    ] {
        println!("{title}:");
        for (name, count) in counts {
            println!("  {count:>9} {name}");
        }
    }
    for mismatch in &report.mismatches {
        println!("\nprogram {} of seed {seed} does not agree: {}", mismatch.nth, mismatch.difference);
        match session::side_by_side(&mismatch.program) {
            Ok(text) => println!("{text}"),
            Err(error) => println!("{}{error}", show::python(&mismatch.program)),
        }
    }
    println!(
        "{} programs of seed {seed} ({} statements executed): {} do not agree, in {:.1} s",
        report.programs,
        report.counts.executed.values().sum::<u64>(),
        report.mismatches.len(),
        report.time.as_secs_f32()
    );
}
