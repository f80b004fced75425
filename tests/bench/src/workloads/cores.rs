//! A server with a loop on each of several cores, which share its port.

use super as rt;
use crate::affinity::{cores, keep_to};
use crate::load::{Load, warm_up};
use crate::measure::{Report, Workload, processor};
use crate::sizes::CONNECTIONS;

/// `n` is the number of echoes for each core.
pub const ALL: &[Workload] = &[Workload { name: "every-core", n: 100_000, run: every_core }];

/// How often either is measured.
const ROUNDS: usize = 3;

/// On one core with one loop, and on all with as many, in turns: the processor time of an echo, without that of who asks.
///
/// On each core of the server there is also one who asks for as much as comes back, so no core has time left in either case.
/// With time left a loop would be asked more often whether there is anything to do, and that would be counted too.
fn every_core(n: u64) -> Report {
    let all = cores();
    let mut taken = [[0; ROUNDS]; 2];
    for round in 0..ROUNDS {
        for (taken, cores) in taken.iter_mut().zip([&all[..1], &all]) {
            taken[round] = served(cores, n);
        }
    }
    let [one, all] = taken.map(|mut taken| {
        taken.sort_unstable();
        taken[ROUNDS / 2]
    });
    vec![("one-ps", one), ("all-ps", all)]
}

fn served(cores: &[usize], n: u64) -> u64 {
    keep_to(cores);
    let on = cores.to_vec();
    let cpu = rt::serve(cores.len(), move |port| {
        let loads: Vec<_> = on.iter().map(|core| Load::start(port, CONNECTIONS, n, *core)).collect();
        let before = processor();
        for load in loads {
            load.took();
        }
        processor() - before
    });
    let echoes = (n + warm_up(n)) * cores.len() as u64;
    (cpu.as_nanos() * 1000 / u128::from(echoes)) as u64
}
