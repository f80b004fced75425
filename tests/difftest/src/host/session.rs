//! A run of many programs.

use std::collections::BTreeMap;
use std::format;
use std::string::String;
use std::time::{Duration, Instant};
use std::vec::Vec;

use super::compare::compare;
use super::count::Counts;
use super::generate;
use super::oracle::Oracle;
use super::shrink::shrink;
use super::{everloop, show, show_rust};
use crate::program::Program;

/// How many programs CPython has at once, so that neither side waits for the other.
const BATCH: u64 = 64;

/// A program on which the two do not agree.
pub struct Mismatch {
    /// Which program of the run.
    pub nth: u64,
    /// The smallest that was found.
    pub program: Program,
    /// What it shows.
    pub difference: String,
}

/// What came of the whole.
#[derive(Default)]
pub struct Report {
    /// How many programs were run.
    pub programs: u64,
    /// What occurred in them.
    pub counts: Counts,
    /// How many programs each rule applied to.
    pub rules: BTreeMap<String, u64>,
    /// Where the two do not agree; at most as many as were asked for.
    pub mismatches: Vec<Mismatch>,
    /// How long it took.
    pub time: Duration,
}

/// Runs programs `from` to `from + programs` of this seed on both, and stops at so many mismatches.
pub fn run(seed: u64, from: u64, programs: u64, most: usize) -> Result<Report, std::io::Error> {
    everloop::silence_panics();
    let start = Instant::now();
    let mut oracle = Oracle::start()?;
    let mut report = Report::default();
    let mut at = from;
    while at < from + programs && report.mismatches.len() < most {
        let batch: Vec<_> =
            (at..(at + BATCH).min(from + programs)).map(|nth| (nth, generate::program(seed, nth))).collect();
        for (_, program) in &batch {
            oracle.submit(program)?;
        }
        let ours: Vec<_> = batch.iter().map(|(_, program)| everloop::run(program)).collect();
        let mut found = Vec::new();
        for ((nth, program), ours) in batch.into_iter().zip(ours) {
            let (theirs, applied) = oracle.receive()?;
            report.programs += 1;
            report.counts.add(&program, &theirs);
            let unlike = match &ours {
                Ok(ours) => {
                    let verdict = compare(&program, &theirs, ours, &applied);
                    for rule in verdict.rules {
                        *report.rules.entry(rule).or_default() += 1;
                    }
                    verdict.difference
                }
                Err(why) => Some(format!("everloop broke down: {why}")),
            };
            if unlike.is_some() {
                found.push((nth, program));
            }
        }
        for (nth, program) in found.into_iter().take(most - report.mismatches.len()) {
            let program = shrink(&program, &mut |program| differs(&mut oracle, program).is_some());
            let difference =
                differs(&mut oracle, &program).unwrap_or_else(|| "it does not show again".into());
            report.mismatches.push(Mismatch { nth, program, difference });
        }
        at += BATCH;
    }
    report.time = start.elapsed();
    Ok(report)
}

fn differs(oracle: &mut Oracle, program: &Program) -> Option<String> {
    let (theirs, applied) = oracle.run(program).ok()?;
    match everloop::run(program) {
        Ok(ours) => compare(program, &theirs, &ours, &applied).difference,
        Err(why) => Some(format!("everloop broke down: {why}")),
    }
}

/// Both traces of one program, for a person.
pub fn side_by_side(program: &Program) -> Result<String, std::io::Error> {
    let (theirs, applied) = Oracle::start()?.run(program)?;
    let ours = everloop::run(program);
    Ok(format!(
        "in Python:\n{}\nin Rust:\n{}\nrules: {applied:?}\nCPython:\n{}\neverloop:\n{}",
        show::python(program),
        show_rust::rust(program),
        show::trace(&theirs),
        ours.map_or_else(|why| why, |ours| show::trace(&ours))
    ))
}
