//! The bytes of `difftest`'s programs: whatever they say is refused or run, without a panic, twice with the same outcome,
//! and given back by the encoder.
#![no_main]

use everloop_difftest::code::{decode, encode};
use everloop_difftest::host::everloop;
use everloop_difftest::program::{Block, Class, Kind, Program};
use everloop_fuzz::{guard, install};
use libfuzzer_sys::fuzz_target;

/// The most statements: the time of a run grows with them.
const MOST: usize = 64;
/// The most permits, parties and places, and the deepest nesting.
const LARGEST: u32 = 8;
const DEEPEST: usize = 8;

/// Whether all numbers name what is there, and no task is started twice.
fn makes_sense(program: &Program) -> bool {
    let bodies = program.bodies.len();
    if program.roots > bodies || bodies > MOST || program.objects.len() > MOST {
        return false;
    }
    let sizes = program.objects.iter().all(|object| {
        let smallest = u32::from(object.class == Class::Barrier);
        (smallest..=LARGEST).contains(&object.size)
    });
    let mut spawned: Vec<_> = (0..bodies).map(|body| body < program.roots).collect();
    let mut count = 0;
    let sound = program.bodies.iter().enumerate().all(|(own, body)| {
        // What awaits itself panics, which is promised.
        let waited = |number: &u32| (*number as usize) < bodies && *number as usize != own;
        let object = |number: &u32| (*number as usize) < program.objects.len();
        each(body, &mut |kind| {
            count += 1;
            match kind {
                Kind::Spawn(number) | Kind::SpawnEager(number) => {
                    let spawned = spawned.get_mut(*number as usize);
                    spawned.is_some_and(|spawned| !std::mem::replace(spawned, true))
                }
                Kind::Cancel(number)
                | Kind::CancelWith(number, _)
                | Kind::Uncancel(number)
                | Kind::Cancelling(number) => (*number as usize) < bodies,
                Kind::Await(number) | Kind::Shield(number) | Kind::WaitForTask(number, _) => waited(number),
                Kind::Wait(_, _, all) | Kind::TryGather(all) | Kind::AsCompleted(_, all) => all.len() <= 31 && all.iter().all(waited),
                Kind::With(number, _)
                | Kind::CondWait(number, ..)
                | Kind::CondWaitFor(number, ..)
                | Kind::Do(number, ..) => object(number),
                _ => true,
            }
        })
    });
    sizes && sound && count <= MOST && program.bodies.iter().all(|body| depth(body) <= DEEPEST)
}

/// Whether it is so of each statement.
fn each(block: &Block, so: &mut dyn FnMut(&Kind) -> bool) -> bool {
    block.iter().all(|stmt| so(&stmt.kind) && stmt.kind.blocks().all(|inner| each(inner, so)))
}

fn depth(block: &Block) -> usize {
    1 + block.iter().flat_map(|stmt| stmt.kind.blocks()).map(depth).max().unwrap_or(0)
}

fuzz_target!(init: install(), |data: &[u8]| guard(|| {
    let Ok(program) = decode(data) else { return };
    let mut bytes = Vec::new();
    encode(&program, &mut bytes);
    assert_eq!(decode(&bytes).as_ref(), Ok(&program));
    if !makes_sense(&program) {
        return;
    }
    let first = everloop::run(&program).expect("the loop runs it to its end");
    let second = everloop::run(&program).expect("the loop runs it to its end");
    assert_eq!(first, second, "{program:?}");
}));
