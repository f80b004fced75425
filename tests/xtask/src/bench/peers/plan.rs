//! How often each work is done, and who does less of it than the others.

use super::measured::Work;

/// How often a work with a million of something is done at most: it takes seconds, and a second time gives much the same.
pub const OF_A_MILLION: usize = 3;

/// As many as that is.
const MILLION: u64 = 1_000_000;

/// The workloads that have a million tasks or timers by themselves.
const HAVE_A_MILLION: [&str; 4] = ["spawn-million", "sleeps", "parked", "idle"];

/// A workload that some runtimes are too slow for.
#[derive(Debug)]
pub struct Less {
    /// Which runtimes.
    pub runtimes: &'static [&'static str],
    /// The workload, as much of it as the program does by itself.
    pub workload: &'static str,
    /// How much they do; `None` if they do not do it.
    pub n: Option<u64>,
    /// Why.
    pub why: &'static str,
}

/// All of them. A figure is for each operation, so that one of less work can be compared.
pub const LESS: &[Less] = &[
    Less {
        runtimes: &["asyncio", "uvloop"],
        workload: "spawn-million",
        n: None,
        why: "too slow at this size (some microseconds and a kilobyte for each task)",
    },
    Less {
        runtimes: &["asyncio", "uvloop"],
        workload: "sleeps",
        n: None,
        why: "too slow at this size (25 s of processor time or more)",
    },
    Less {
        runtimes: &["compio"],
        workload: "wake-batched",
        n: Some(20_000),
        why: "of more it loses one, and then never ends",
    },
    Less { runtimes: &["uvloop"], workload: "process", n: Some(100), why: "it forks" },
    Less { runtimes: &["uvloop"], workload: "processes", n: Some(128), why: "it forks" },
    Less {
        runtimes: &["uvloop"],
        workload: "process-resident",
        n: Some(10),
        why: "it forks, which takes the longer the more memory there is",
    },
];

/// In how many of so many rounds this is done.
pub fn rounds(work: Work, rounds: usize) -> usize {
    let has_a_million = match work {
        (_, Some(n)) => n >= MILLION,
        (workload, None) => HAVE_A_MILLION.contains(&workload),
    };
    if has_a_million { rounds.min(OF_A_MILLION) } else { rounds }
}

/// Whether this runtime does less of this work than the others.
pub fn less(runtime: &str, (workload, n): Work) -> Option<&'static Less> {
    let is_it = |less: &&Less| less.workload == workload && less.runtimes.contains(&runtime);
    LESS.iter().find(|less| n.is_none() && is_it(less))
}

/// What is to be known of that, for the workloads that were done.
pub fn notes<'a>(done: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = String> + 'a {
    LESS.iter().filter(move |less| done(less.workload)).map(|less| {
        let who = less.runtimes.join(" and ");
        match less.n {
            Some(n) => format!("{who}: {} by {n}, since {}", less.workload, less.why),
            None => format!("{who}: no {}, {}", less.workload, less.why),
        }
    })
}
