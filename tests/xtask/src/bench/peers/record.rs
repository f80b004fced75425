//! What every single process took and told, to be looked at when a median is in doubt.

use super::measured::Work;
use crate::bench::Row;
use crate::workspace;
use anyhow::{Context, Result};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// A file with a line for each process, written as they end.
pub struct Record {
    file: File,
    /// Where it is.
    pub path: PathBuf,
    /// How many processes there were.
    pub processes: usize,
    /// How long they took together.
    pub took: Duration,
}

impl Record {
    /// In the folder of what is built, in place of that of the time before.
    pub fn new() -> Result<Self> {
        let path = workspace::target_dir().join("bench-peers-processes.tsv");
        let file = File::create(&path).with_context(|| format!("could not write {}", path.display()))?;
        Ok(Self { file, path, processes: 0, took: Duration::ZERO })
    }

    /// One more: the runtime, the workload, how much of it, the seconds, and the numbers.
    pub fn note(&mut self, runtime: &str, (workload, n): Work, took: Duration, row: Option<&Row>) {
        self.processes += 1;
        self.took += took;
        let n = n.map_or(String::new(), |n| n.to_string());
        let numbers = row.iter().flat_map(|row| &row.numbers).map(|(key, number)| format!("{key}={number}"));
        let numbers = numbers.collect::<Vec<_>>().join(" ");
        // It is for the curious: a full disk must not end a run that takes half an hour.
        let _ = writeln!(self.file, "{runtime}\t{workload}\t{n}\t{:.2}\t{numbers}", took.as_secs_f64());
    }
}
