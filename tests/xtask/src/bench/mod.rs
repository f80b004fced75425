//! `cargo xtask bench`: what things cost, as tables.

mod inspect;
pub mod instructions;
pub mod interrupt_queue;
mod latency;
pub mod masked;
mod program;
mod row;
mod table;

pub use program::Program;
pub use row::Row;
pub use table::Table;

use anyhow::{Result, bail};

/// Measurements that are printed together.
struct Group {
    /// Its name, for the command line.
    name: &'static str,
    /// Takes and prints them; with `true` also writes down those that are checked in.
    run: fn(bool) -> Result<()>,
}

/// All there is, in the order in which it is printed.
const GROUPS: &[Group] = &[
    Group { name: masked::GROUP, run: |_| masked::run() },
    Group { name: interrupt_queue::GROUP, run: |_| interrupt_queue::run() },
    Group { name: inspect::GROUP, run: |_| inspect::run() },
    Group { name: latency::GROUP, run: |_| latency::run() },
    Group { name: instructions::GROUP, run: instructions::run },
];

/// One group, or all of them. `bless`: the counts of those that are checked in are written down.
pub fn run(name: Option<&str>, bless: bool) -> Result<bool> {
    let names: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
    if let Some(name) = name.filter(|name| !names.contains(name)) {
        bail!("there is no group `{name}` of measurements; there are {}", names.join(", "));
    }
    let mut complete = true;
    for group in GROUPS.iter().filter(|group| name.is_none_or(|name| name == group.name)) {
        println!("\n=== {}", group.name);
        if let Err(error) = (group.run)(bless) {
            eprintln!("error: {}: {error:#}", group.name);
            complete = false;
        }
    }
    Ok(complete)
}
