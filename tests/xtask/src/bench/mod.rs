//! `cargo xtask bench`: what things cost, as tables.

mod inspect;
pub mod instructions;
pub mod interrupt_queue;
mod latency;
pub mod masked;
mod peers;
mod program;
mod row;
mod table;

pub use program::Program;
pub use row::Row;
pub use table::Table;

use anyhow::{Result, bail, ensure};
use std::path::PathBuf;

/// Measurements that are printed together.
struct Group {
    /// Its name, for the command line.
    name: &'static str,
    /// Takes and prints them.
    run: fn(&Options) -> Result<()>,
}

/// What may be said of the measurements.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// A group; all without it.
    pub group: Option<String>,
    /// A workload of the group `peers`; all without it.
    pub workload: Option<String>,
    /// How often that group repeats each.
    pub rounds: Option<usize>,
    /// Where the picture of that group is drawn.
    pub svg: Option<PathBuf>,
    /// The counts of instructions that are checked in are written down.
    pub bless: bool,
}

/// All there is, in the order in which it is printed.
const GROUPS: &[Group] = &[
    Group { name: masked::GROUP, run: |_| masked::run() },
    Group { name: interrupt_queue::GROUP, run: |_| interrupt_queue::run() },
    Group { name: inspect::GROUP, run: |_| inspect::run() },
    Group { name: latency::GROUP, run: |_| latency::run() },
    Group { name: instructions::GROUP, run: |options| instructions::run(options.bless) },
    Group { name: peers::GROUP, run: peers::run },
];

/// One group, or all of them.
pub fn run(options: &Options) -> Result<bool> {
    let name = options.group.as_deref();
    let names: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
    if let Some(name) = name.filter(|name| !names.contains(name)) {
        bail!("there is no group `{name}` of measurements; there are {}", names.join(", "));
    }
    let only_of_peers = options.workload.is_some() || options.rounds.is_some() || options.svg.is_some();
    ensure!(
        !only_of_peers || name == Some(peers::GROUP),
        "only `{}` has workloads, rounds and a picture",
        peers::GROUP
    );
    let mut complete = true;
    for group in GROUPS.iter().filter(|group| name.is_none_or(|name| name == group.name)) {
        println!("\n=== {}", group.name);
        if let Err(error) = (group.run)(options) {
            eprintln!("error: {}: {error:#}", group.name);
            complete = false;
        }
    }
    Ok(complete)
}
