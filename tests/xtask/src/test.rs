//! `cargo xtask test`: every suite, and a closing line that counts.

use crate::console;
use crate::lanes;
use crate::suite::Options;
use crate::suites::SUITES;
use crate::tally::Tally;
use anyhow::Result;
use std::time::Instant;

/// Runs the suites; `only` is a suite's name or else a filter for the tests.
pub fn run(only: Option<&str>, long: bool) -> Result<bool> {
    let is_suite = SUITES.iter().any(|suite| Some(suite.name) == only);
    let filter = only.filter(|_| !is_suite).map(str::to_owned);
    if let Some(filter) = &filter {
        let names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        println!("`{filter}` is no suite ({}), so it filters the tests of all", names.join(", "));
    }
    let options = Options { filter, long, named: is_suite };
    let chosen: Vec<_> = SUITES.iter().filter(|suite| !is_suite || Some(suite.name) == only).collect();
    let start = Instant::now();
    let tallies = lanes::run(&chosen, lanes::two(), |suite| {
        console::line(format_args!("\n=== {}", suite.name));
        let start = Instant::now();
        let tally = suite.run(&options);
        (format!("{:<18} {tally} ({:.0} s)", suite.name, start.elapsed().as_secs_f32()), tally)
    });
    let mut table = Vec::new();
    let mut total = Tally::default();
    for (suite, (line, tally)) in chosen.iter().zip(tallies) {
        table.push(line);
        total += tally.within(suite.name);
    }
    table.push(format!(
        "in all {:.0} s, in {} lanes",
        start.elapsed().as_secs_f32(),
        1 + usize::from(lanes::two())
    ));
    if !total.ran() {
        total.fail("no test was run");
    }
    report(&table, &total);
    Ok(total.failed == 0)
}

/// Prints what was skipped and what failed, and the closing line.
pub fn report(table: &[String], total: &Tally) {
    println!("\n=== summary");
    for line in table {
        println!("{line}");
    }
    for (title, names) in [("skipped", &total.skips), ("failed", &total.failures)] {
        if !names.is_empty() {
            println!("\n{title}:");
            for name in names {
                println!("  {}", name.trim_end().replace('\n', "\n  "));
            }
        }
    }
    println!("\n{total}");
}
