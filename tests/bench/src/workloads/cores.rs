//! A server with a loop on each of several cores, which share its port.

use super as rt;
use crate::affinity::cores;
use crate::load::{Load, warm_up};
use crate::measure::{Report, Workload, processor};
use crate::sizes::CONNECTIONS;

/// `n` is the number of echoes for each core.
pub const ALL: &[Workload] = &[Workload { name: "every-core", n: 40_000, run: every_core }];

/// How often either is measured.
const ROUNDS: usize = 3;

/// With one loop, and with one for each core, in turns: the processor time of an echo, without that of who asks.
///
/// Who asks is the same in either case, one on each core: so half of what goes between two cores with two loops goes so with
/// one, too.
fn every_core(n: u64) -> Report {
    let cores = cores();
    let mut taken = [[0; ROUNDS]; 2];
    for round in 0..ROUNDS {
        for (taken, loops) in taken.iter_mut().zip([1, cores.len()]) {
            taken[round] = served(loops, &cores, n);
        }
    }
    let [one, all] = taken.map(|mut taken| {
        taken.sort_unstable();
        taken[ROUNDS / 2]
    });
    vec![("one-ps", one), ("all-ps", all)]
}

fn served(loops: usize, cores: &[usize], n: u64) -> u64 {
    let echoes = (n + warm_up(n)) * cores.len() as u64;
    let cores = cores.to_vec();
    let cpu = rt::serve(loops, move |port| {
        let loads: Vec<_> = cores.iter().map(|core| Load::start(port, CONNECTIONS, n, *core)).collect();
        let before = processor();
        for load in loads {
            load.took();
        }
        processor() - before
    });
    (cpu.as_nanos() * 1000 / u128::from(echoes)) as u64
}
