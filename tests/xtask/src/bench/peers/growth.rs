//! What an operation costs as there is more and more to do.

use super::figure::figure;
use super::line::Unit;
use super::measured::{Measured, Work};
use super::{OURS, TOKIO};
use crate::bench::Table;

/// What stands for a workload where only these are wanted.
pub const NAME: &str = "growth";

/// Whom it is measured for.
const OF: [&str; 2] = [OURS, TOKIO];

/// How many there are.
const TO_A_MILLION: &[u64] = &[1, 100, 10_000, 1_000_000];
const TO_TEN_THOUSAND: &[u64] = &[1, 100, 10_000];

/// One work in several sizes.
#[derive(Debug)]
pub struct Growth {
    title: &'static str,
    workload: &'static str,
    key: &'static str,
    unit: Unit,
    sizes: &'static [u64],
}

const fn ns(title: &'static str, workload: &'static str) -> Growth {
    let unit = Unit::Nanoseconds;
    Growth { title, workload, key: "ps", unit, sizes: TO_A_MILLION }
}

/// All of them.
const ALL: &[Growth] = &[
    ns("so many tasks made, then awaited", "spawn-all"),
    ns("so many tasks that yield", "yield-all"),
    ns("so many tasks woken by one event", "parked"),
    ns("timeout that never fires, over so many timers", "timeout-over"),
    Growth { key: "cpu-ps", ..ns("so many sleeps of 1 to 1,000 ms: processor time", "sleeps") },
    Growth {
        title: "echo over so many connections: the server's processor time",
        workload: "connections",
        key: "cpu-ps",
        unit: Unit::Microseconds,
        sizes: TO_TEN_THOUSAND,
    },
];

/// What is to be measured.
pub fn works() -> Vec<Work> {
    let sizes =
        |growth: &Growth| growth.sizes.iter().map(|n| (growth.workload, Some(*n))).collect::<Vec<_>>();
    ALL.iter().flat_map(sizes).collect()
}

/// Whether this runtime is to be measured.
pub fn is_of(runtime: &str) -> bool {
    OF.contains(&runtime)
}

/// The numbers.
pub fn table(measured: &Measured) -> Table {
    let sizes = TO_A_MILLION.iter().map(|n| figure(*n as f64));
    let heads = ["for each, as there are", "unit", ""].map(str::to_owned);
    let mut table = Table::new(heads.into_iter().chain(sizes));
    for growth in ALL {
        for runtime in OF {
            let value = |n: &u64| {
                let told = measured.median(runtime, (growth.workload, Some(*n)), growth.key);
                told.map_or("-".to_owned(), |told| figure(growth.unit.value(told)))
            };
            let title = if runtime == OURS { growth.title } else { "" };
            let names = [growth.unit.name(), runtime].map(str::to_owned);
            table.texts(title, names.into_iter().chain(TO_A_MILLION.iter().map(value)));
        }
    }
    table
}
