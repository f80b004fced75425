//! Having it measured.

use super::figure::median;
use super::plan;
use super::programs::Programs;
use super::record::Record;
use crate::bench::Row;
use crate::process::{self, Ended};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long one process may take.
const LIMIT: Duration = Duration::from_secs(60);

/// A workload, and how much of it, if not as much as the program does by itself.
pub type Work = (&'static str, Option<u64>);

/// What came of all.
#[derive(Default)]
pub struct Measured {
    /// The runtimes, in their order.
    pub runtimes: Vec<String>,
    rows: BTreeMap<(Work, String), Vec<Row>>,
    /// What could not be measured, and why.
    failed: BTreeMap<(String, Work), String>,
}

impl Measured {
    /// Each runtime that is `wanted` for a work does it in each round, one after the other, in a process of its own.
    pub fn take(
        programs: &Programs,
        works: &[Work],
        rounds: usize,
        record: &mut Record,
        wanted: impl Fn(&str) -> bool,
    ) -> Self {
        let runtimes = programs.runtimes().map(str::to_owned).collect();
        let mut this = Self { runtimes, ..Self::default() };
        for round in 1..=rounds {
            let began = Instant::now();
            for work in works.iter().filter(|work| round <= plan::rounds(**work, rounds)) {
                for runtime in programs.that_do(work.0).filter(|runtime| wanted(runtime)) {
                    this.once(programs, runtime, *work, record);
                }
            }
            eprintln!("round {round} of {rounds}: {} s", began.elapsed().as_secs());
        }
        this
    }

    fn once(&mut self, programs: &Programs, runtime: &str, work: Work, record: &mut Record) {
        let failure = (runtime.to_owned(), work);
        // What hung once would hang again.
        if self.failed.contains_key(&failure) {
            return;
        }
        let n = match plan::less(runtime, work) {
            None => work.1,
            Some(less) if less.n.is_some() => less.n,
            Some(_) => return,
        };
        let began = Instant::now();
        let outcome = row(programs, runtime, (work.0, n));
        record.note(runtime, (work.0, n), began.elapsed(), outcome.as_ref().ok());
        match outcome {
            Ok(row) => self.rows.entry((work, failure.0)).or_default().push(row),
            Err(error) => {
                eprintln!("{runtime}, {}: {error:#}", work.0);
                self.failed.insert(failure, format!("{error:#}"));
            }
        }
    }

    /// The median of a number.
    pub fn median(&self, runtime: &str, work: Work, key: &str) -> Option<f64> {
        let rows = self.rows.get(&(work, runtime.to_owned()))?;
        median(rows.iter().filter_map(|row| row.number(key)).map(|number| number as f64).collect())
    }

    /// What is to be known besides.
    pub fn failures(&self) -> impl Iterator<Item = String> {
        self.failed.iter().map(|((runtime, (workload, n)), why)| {
            let n = n.map_or(String::new(), |n| format!(" of {n}"));
            format!("{runtime} has no {workload}{n}: {why}")
        })
    }
}

fn row(programs: &Programs, runtime: &str, (workload, n): Work) -> Result<Row> {
    let mut command = programs.command(runtime);
    command.arg(workload).args(n.map(|n| n.to_string()));
    let (mut found, mut last) = (None, String::new());
    let ended = process::stream(runtime, &mut command, LIMIT, |line| match Row::parse(line) {
        Some(row) => found = Some(row),
        None if line.trim().is_empty() => {}
        None => line.trim().clone_into(&mut last),
    })?;
    match ended {
        Ended::Exited(status) if status.success() => found.context("it told no number"),
        Ended::Exited(status) => anyhow::bail!("{status}, `{last}`"),
        Ended::TimedOut(_) => anyhow::bail!("not done after {} s", LIMIT.as_secs()),
    }
}
