//! `cargo xtask fuzz`: the programs of `tests/fuzz`, by cargo-fuzz.

use crate::process::{self, Ended};
use crate::setup::{self, NIGHTLY};
use crate::workspace;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const FOLDER: &str = "tests/fuzz";
const TARGETS: [&str; 5] = ["stream-reader", "primitives", "programs", "station", "network"];

/// How long one process runs: some targets forget on purpose, and what was found is on disk. It also has to build.
const STINT: Duration = Duration::from_secs(300);
const BUILD: Duration = Duration::from_secs(30 * 60);
/// The longest input, and the most memory in megabytes.
const LONGEST: usize = 2048;
const MEMORY: usize = 4096;

/// Fuzzes one target, or each, for so long. Whether there was no finding.
pub fn run(target: Option<&str>, time: Duration) -> Result<bool> {
    let targets: Vec<_> =
        TARGETS.into_iter().filter(|name| target.is_none_or(|only| only == *name)).collect();
    if targets.is_empty() {
        bail!("there is no such target; there are {}", TARGETS.join(", "));
    }
    setup::ensure_nightly(&[])?;
    setup::ensure_subcommand("fuzz")?;
    let mut table = Vec::new();
    let mut sound = true;
    for name in targets {
        let count = fuzz(name, time)?;
        sound &= count.finding.is_none();
        table.push(count.row(name));
    }
    println!("\n=== fuzz");
    for row in table {
        println!("{row}");
    }
    Ok(sound)
}

/// What came of a target.
#[derive(Default)]
struct Count {
    runs: u64,
    seconds: u64,
    /// What libfuzzer said last of what is covered: edges, and with how often they were taken.
    edges: u64,
    features: u64,
    finding: Option<String>,
}

impl Count {
    fn row(&self, name: &str) -> String {
        let Self { runs, seconds, edges, features, finding } = self;
        let finding = finding.as_deref().unwrap_or("no finding");
        format!("{name:<14} {runs} runs in {seconds} s, {edges} edges, {features} features: {finding}")
    }

    /// Reads a line of libfuzzer's. Whether it is one of its many reports of progress.
    fn read(&mut self, line: &str) -> bool {
        let after = |key: &str| line.split_once(key).and_then(|(_, rest)| rest.split_whitespace().next());
        if let Some(runs) = line.strip_prefix("stat::number_of_executed_units:") {
            self.runs += runs.trim().parse::<u64>().unwrap_or(0);
        }
        if let Some(path) = after("Test unit written to ") {
            self.finding = Some(path.to_owned());
        }
        let (Some(edges), Some(features)) = (after("cov: "), after("ft: ")) else { return false };
        self.edges = edges.parse().unwrap_or(self.edges);
        self.features = features.parse().unwrap_or(self.features);
        true
    }
}

/// The folder of a target with this name, which is made.
fn folder(kind: &str, name: &str) -> Result<PathBuf> {
    let folder = workspace::target_dir().join("fuzz").join(kind).join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn fuzz(name: &str, time: Duration) -> Result<Count> {
    let found = folder("corpus", name)?;
    let artifacts = folder("artifacts", name)?;
    let kept = workspace::root().join(FOLDER).join("seeds").join(name);
    let mut count = Count::default();
    let mut left = time.as_secs();
    while left > 0 && count.finding.is_none() {
        let stint = left.min(STINT.as_secs());
        left -= stint;
        stint_of(name, stint, &[&found, &kept], &artifacts, &mut count)?;
    }
    Ok(count)
}

fn stint_of(name: &str, seconds: u64, seeds: &[&Path], artifacts: &Path, count: &mut Count) -> Result<()> {
    let mut command = workspace::cargo_of(NIGHTLY);
    command.args(["fuzz", "run", "--fuzz-dir", FOLDER, "--target-dir"]);
    command.arg(workspace::target_dir().join("fuzz")).arg(name).args(seeds).arg("--");
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={LONGEST}"));
    command.arg(format!("-rss_limit_mb={MEMORY}")).arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.args(["-detect_leaks=0", "-print_final_stats=1", "-timeout=60"]);
    // At its end the process looks for leaks once more, which some targets make on purpose.
    command.env("ASAN_OPTIONS", "detect_leaks=0");
    let start = Instant::now();
    let mut shown = Instant::now();
    let ended = process::stream(name, &mut command, BUILD + Duration::from_secs(seconds + 60), |line| {
        // One line in a while says enough of the progress.
        let progress = count.read(line);
        if !progress || shown.elapsed() > Duration::from_secs(10) {
            println!("{line}");
        }
        if progress && shown.elapsed() > Duration::from_secs(10) {
            shown = Instant::now();
        }
    })?;
    count.seconds += start.elapsed().as_secs().min(seconds);
    match ended {
        Ended::Exited(status) if status.success() || count.finding.is_some() => Ok(()),
        Ended::Exited(status) => bail!("fuzzing {name} failed ({status})"),
        Ended::TimedOut(tail) => bail!("fuzzing {name} hangs; its last lines:\n{tail}"),
    }
}
