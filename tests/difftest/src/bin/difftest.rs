//! Runs random programs on CPython and on everloop, and prints where they do not agree.

use std::process::ExitCode;

use everloop_difftest::host::{session, show};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let mut options = [("--programs", 10_000_u64), ("--seed", 1), ("--from", 0), ("--most", 1)];
    while let Some(arg) = args.next() {
        let Some(option) = options.iter_mut().find(|(name, _)| *name == arg) else {
            eprintln!("error: no such option: `{arg}`");
            return ExitCode::from(2);
        };
        match args.next().map(|text| text.parse()) {
            Some(Ok(number)) => option.1 = number,
            _ => {
                eprintln!("error: {arg} wants a whole number");
                return ExitCode::from(2);
            }
        }
    }
    let [programs, seed, from, most] = options.map(|(_, value)| value);
    let report = match session::run(seed, from, programs, most as usize) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    for (title, counts) in [
        ("executed", &report.counts.executed),
        ("outcomes", &report.counts.outcomes),
        ("runs with", &report.counts.runs),
        ("rules applied", &report.rules),
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
        "{} programs of seed {seed}, {} do not agree, in {:.1} s",
        report.programs,
        report.mismatches.len(),
        report.time.as_secs_f32()
    );
    if report.mismatches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
