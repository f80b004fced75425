//! Random programs, and what is made of one that fails.

use std::fmt::{self, Debug, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use crate::world::World;
use crate::{Primitive, hand, tasks};

/// What is done next. Numbers choose among those futures that are not at their end.
#[derive(Clone, Debug)]
pub enum Step<S, A> {
    Begin {
        what: S,
        /// Polled at once.
        polled: bool,
        /// In a loop: in how many milliseconds it is to time out.
        limit: Option<u8>,
    },
    Poll {
        which: usize,
        other_waker: bool,
    },
    Drop(usize),
    Forget(usize),
    /// By hand it is a drop.
    Cancel(usize),
    Act(A),
    /// By hand: in the next wake.
    OnWake(OnWake<A>),
    /// All that is woken runs, and in a loop a few milliseconds pass.
    Settle,
}

/// What foreign code does while it is woken.
#[derive(Clone, Debug)]
pub enum OnWake<A> {
    Act(A),
    Drop(usize),
}

#[derive(Clone, Copy, Debug)]
pub enum Way {
    ByHand,
    /// With the tasks of a turn shuffled, if there are dice.
    InLoop {
        dice: Option<u64>,
    },
}

pub struct Program<P: Primitive> {
    pub config: P::Config,
    pub way: Way,
    pub steps: Vec<Step<P::Start, P::Act>>,
}

impl<P: Primitive> Clone for Program<P> {
    fn clone(&self) -> Self {
        Self { config: self.config.clone(), way: self.way, steps: self.steps.clone() }
    }
}

impl<P: Primitive> Debug for Program<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}, {:?}:", self.config, self.way)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}

pub fn step<P: Primitive>() -> impl Strategy<Value = Step<P::Start, P::Act>> {
    let limit = prop_oneof![3 => Just(None), 1 => (1..6_u8).prop_map(Some)];
    let begin = (P::starts(), prop::bool::weighted(0.8), limit);
    let on_wake =
        prop_oneof![3 => P::acts().prop_map(OnWake::Act), 1 => any::<usize>().prop_map(OnWake::Drop)];
    prop_oneof![
        8 => begin.prop_map(|(what, polled, limit)| Step::Begin { what, polled, limit }),
        6 => (any::<usize>(), prop::bool::weighted(0.2)).prop_map(|(which, other_waker)| Step::Poll { which, other_waker }),
        3 => any::<usize>().prop_map(Step::Drop),
        1 => any::<usize>().prop_map(Step::Forget),
        2 => any::<usize>().prop_map(Step::Cancel),
        10 => P::acts().prop_map(Step::Act),
        2 => on_wake.prop_map(Step::OnWake),
        1 => Just(Step::Settle),
    ]
}

pub fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        3 => Just(Way::ByHand),
        1 => Just(Way::InLoop { dice: None }),
        1 => any::<u64>().prop_map(|dice| Way::InLoop { dice: Some(dice) }),
    ]
}

fn program<P: Primitive>() -> impl Strategy<Value = Program<P>> {
    (P::configs(), way(), vec(step::<P>(), 1..50)).prop_map(|(config, way, steps)| Program {
        config,
        way,
        steps,
    })
}

/// What went wrong first, and with `traced` all that happened.
pub fn run<P: Primitive>(program: &Program<P>, traced: bool) -> Result<(), (String, String)> {
    let world = World::<P>::new(&program.config, program.way, traced);
    let ran = catch_unwind(AssertUnwindSafe(|| match program.way {
        Way::ByHand => hand::run(&world, &program.steps),
        Way::InLoop { dice } => tasks::run(&world, &program.steps, dice),
    }));
    if let Err(payload) = ran {
        let message = payload.downcast_ref::<String>().cloned();
        let message = message.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string));
        world.complain(format!("panic: {}", message.unwrap_or_default()));
    }
    world.verdict()
}

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// Runs so many random programs, and panics with the smallest that fails.
pub fn check<P: Primitive>() {
    let long = std::env::var_os("EVERLOOP_LONG").is_some();
    let cases = setting("CASES").unwrap_or(if long { 500_000 } else { 20_000 });
    let seed = setting("SEED").unwrap_or(0_u64);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    // A good generator would take Miri most of its time. This one is not to begin with nothing but zeros.
    let bytes = [seed.to_le_bytes(), (!seed).to_le_bytes()].concat();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::XorShift, &bytes));
    let outcome = runner.run(&program::<P>(), |program| {
        run(&program, false).map_err(|(wrong, _)| TestCaseError::fail(wrong))
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Abort(reason)) => panic!("SEED={seed}: {reason}"),
        Err(TestError::Fail(reason, program)) => {
            let mut text = format!("SEED={seed} CASES={cases}: {reason}\n\n{program:?}");
            if let Err((_, trace)) = run(&program, true) {
                write!(text, "\nWhat happened:\n{trace}").unwrap();
            }
            panic!("{text}");
        }
    }
}
