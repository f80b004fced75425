//! The list in other orders: which of the tasks that are ready in one turn runs next is chosen by a seed.
//!
//! Each test runs under 250 seeds, and under 1,000 with `EVERLOOP_LONG`. `EVERLOOP_SEEDS=50` is another number of them,
//! `EVERLOOP_SEED=17` that one alone. With an even seed the tasks are in a pool, with an odd one on the heap.

mod arrivals;
mod last;
mod orders;
#[path = "../support/mod.rs"]
mod support;

use std::boxed::Box;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use everloop_conformance::{REMOTE, TASK_BYTES, TASKS, TESTS, Test};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{EventLoop, OwnedLoop, TaskPool};
use libtest_mimic::{Arguments, Failed, Trial};

use last::Last;

/// Where a test's tasks are in a pool.
struct Home {
    event_loop: EventLoop,
    pool: TaskPool<TASKS, TASK_BYTES>,
}

impl Home {
    fn new() -> &'static Self {
        Box::leak(Box::new(Self { event_loop: EventLoop::new(UNPARKER), pool: TaskPool::new() }))
    }

    /// Runs a test in the order of a seed, with its main task behind all others if so asked.
    fn run(&'static self, test: &Test, seed: u64, last: bool) {
        let time = VirtualTime::seeded(seed);
        // A heap loop that has served a static pool is kept for good.
        let in_pool = seed.is_multiple_of(2) || orders::submits(test.name);
        (test.run)(&mut |main| {
            let main = Last::new(main, last);
            let ended = if in_pool {
                self.event_loop.run(&time, &[&self.pool, &REMOTE], main)
            } else {
                OwnedLoop::new(UNPARKER).run(&time, &[], main)
            };
            ended.expect("the test ran to its end");
        });
    }

    /// The first of the seeds under which a test fails.
    fn fails(&'static self, test: &Test, seeds: Range<u64>, last: bool) -> Option<u64> {
        seeds.into_iter().find(|seed| catch_unwind(AssertUnwindSafe(|| self.run(test, *seed, last))).is_err())
    }
}

fn seeds() -> Range<u64> {
    let number = |name| {
        let text = std::env::var(name).ok()?;
        Some(text.parse::<u64>().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
    };
    match (number("EVERLOOP_SEED"), number("EVERLOOP_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(count)) => 0..count,
        (None, None) if std::env::var_os("EVERLOOP_LONG").is_some() => 0..1000,
        (None, None) => 0..250,
    }
}

fn trial(test: &'static Test, last: bool) -> Trial {
    Trial::test(format!("seeded::{}", test.name), move || match Home::new().fails(test, seeds(), last) {
        None => Ok(()),
        Some(seed) => {
            Err(Failed::from(format!("EVERLOOP_SEED={seed} runs it in the order in which it fails")))
        }
    })
}

/// What an order does not break need not be left out. Which of the lists are longer than need be.
fn rests_on_the_order() -> Result<(), Failed> {
    // They fail on purpose.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut wrong = Vec::new();
    let left_out = orders::LEFT_OUT.iter().flat_map(|(_, tests)| *tests).map(|name| (name, true));
    for (name, last) in left_out.chain(orders::LAST.iter().map(|name| (name, false))) {
        match TESTS.iter().find(|test| test.name == *name) {
            None => wrong.push(format!("there is no test {name}")),
            Some(test) if Home::new().fails(test, 0..1000, last).is_none() => {
                wrong.push(format!("{name} rests on no order"));
            }
            Some(_) => {}
        }
    }
    std::panic::set_hook(hook);
    for (reason, tests) in orders::LEFT_OUT {
        println!("{} tests are left out, each for this reason: {reason}", tests.len());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn main() {
    let mut arguments = Arguments::from_args();
    // The tests share statics, and one that has failed may leave something in them: what fails on purpose comes last.
    arguments.test_threads = Some(1);
    support::start();
    let mut trials = Vec::new();
    for test in TESTS {
        if !orders::is_left_out(test.name) {
            trials.push(trial(test, orders::LAST.contains(&test.name)));
        }
    }
    trials.extend(arrivals::TESTS.iter().map(|test| trial(test, false)));
    trials.push(Trial::test("seeded::what_is_left_out_rests_on_the_order", rests_on_the_order));
    libtest_mimic::run(&arguments, trials).exit();
}
