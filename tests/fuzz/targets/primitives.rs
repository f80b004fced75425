//! The primitives beside their models: the same programs as those of `core/tests/models`, step by step chosen by the
//! fuzzer, so that one that came far is tried on with other steps.
#![no_main]
#![allow(dead_code, missing_docs, unfulfilled_lint_expectations, unused_imports)]

#[path = "../../../core/tests/models/barrier.rs"]
mod barrier;
#[path = "../../../core/tests/models/condition.rs"]
mod condition;
#[path = "../../../core/tests/models/event.rs"]
mod event;
#[path = "../../../core/tests/models/hand.rs"]
mod hand;
#[path = "../../../core/tests/models/held.rs"]
mod held;
#[path = "../../../core/tests/models/line.rs"]
mod line;
#[path = "../../../core/tests/models/lock.rs"]
mod lock;
#[path = "../../../core/tests/models/primitive.rs"]
mod primitive;
#[path = "../../../core/tests/models/program.rs"]
mod program;
#[path = "../../../core/tests/models/queue.rs"]
mod queue;
#[path = "../../../core/tests/models/semaphore.rs"]
mod semaphore;
#[path = "../../../core/tests/models/tasks.rs"]
mod tasks;
#[path = "../../../core/tests/models/world.rs"]
mod world;

use everloop_core::{Local, Shared};
use everloop_fuzz::{Input, guard, install};
use libfuzzer_sys::fuzz_target;
use primitive::{Begun, Id, Model, Primitive, among};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

thread_local! {
    /// Made once, since it reads the environment.
    static CONFIG: Config = Config { failure_persistence: None, ..Config::default() };
}

/// One value of a strategy, of so few bytes that the fuzzer finds each of them.
fn one<T>(input: &mut Input<'_>, of: &impl Strategy<Value = T>) -> T {
    let mut seed = [0; 16];
    seed[0] = 1;
    seed[1..3].copy_from_slice(&input.word().to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &seed);
    let config = CONFIG.with(Config::clone);
    let tree = of.new_tree(&mut TestRunner::new_with_rng(config, rng));
    tree.expect("nothing is filtered").current()
}

fn check<P: Primitive>(input: &mut Input<'_>) {
    let (config, way) = (one(input, &P::configs()), one(input, &program::way()));
    let step = program::step::<P>();
    let mut steps = Vec::new();
    while !input.is_empty() && steps.len() < 200 {
        steps.push(one(input, &step));
    }
    let program = program::Program::<P> { config, way, steps };
    if program::run(&program, false).is_err() {
        let (wrong, trace) = program::run(&program, true).expect_err("it failed before");
        panic!("{wrong}\n\n{program:?}\nWhat happened:\n{trace}");
    }
}

const CHECKS: [fn(&mut Input<'_>); 8] = [
    check::<barrier::Real>,
    check::<condition::Real>,
    check::<event::Real<Local>>,
    check::<event::Real<Shared>>,
    check::<lock::Real<Local>>,
    check::<lock::Real<Shared>>,
    check::<queue::Real>,
    check::<semaphore::Real>,
];

fuzz_target!(init: install(), |data: &[u8]| guard(|| {
    let mut input = Input::new(data);
    CHECKS[input.below(CHECKS.len())](&mut input);
}));
