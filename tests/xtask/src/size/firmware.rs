//! Flash and RAM of programs that do the same, here and with embassy.

use super::Memory;
use crate::bench::Table;
use crate::compared::{self, Side};
use anyhow::Result;

/// A panic of none of them says anything: what would be printed, and the printing, is no runtime's.
const SILENT: &str = "silent";

/// A program, and what embassy's needs besides.
struct Program {
    name: &'static str,
    title: &'static str,
    peer: Option<&'static [&'static str]>,
}

const PROGRAMS: [Program; 3] = [
    Program { name: "nothing", title: "the board alone", peer: None },
    Program { name: "sleepers", title: "two sleeping tasks", peer: Some(&[SILENT]) },
    Program { name: "echo", title: "a TCP echo server, four connections", peer: Some(&[SILENT, "net"]) },
];

/// Prints the table. False if ours can't be built: embassy's are an extra.
pub fn print() -> bool {
    let mut table = Table::new(["", "flash", "embassy's", "RAM", "embassy's"]);
    let mut complete = true;
    for Program { name, title, peer } in PROGRAMS {
        let ours = measured(Side::Ours, name, &[SILENT]);
        complete &= ours.is_some();
        let theirs = peer.and_then(|features| measured(Side::Embassy, name, features));
        table.line(
            title,
            [
                ours.as_ref().map(Memory::flash),
                theirs.as_ref().map(Memory::flash),
                ours.as_ref().map(Memory::ram),
                theirs.as_ref().map(Memory::ram),
            ],
        );
    }
    println!(
        "\n{table}\nbytes on mps2-an385, with the same board, time driver, network driver and buffers, the same profile \
         (opt-level s,\nfat LTO, one codegen unit, panic = abort), and panics that say nothing; RAM has the room for \
         tasks and connections,\nnot the stack\nembassy's: {}",
        compared::versions()
    );
    complete
}

fn measured(side: Side, name: &str, features: &[&str]) -> Option<Memory> {
    let memory: Result<_> = side.build(name, features).and_then(|path| Memory::of(&path));
    memory.inspect_err(|error| eprintln!("error: {name} of {side:?} is left out: {error:#}")).ok()
}
