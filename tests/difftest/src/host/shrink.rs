//! Makes a program smaller as long as it shows what it shows.

use std::vec::Vec;

use crate::program::{Block, Kind, Program};

/// The smallest program found for which `shows` is true. It is called often.
pub fn shrink(program: &Program, shows: &mut dyn FnMut(&Program) -> bool) -> Program {
    let mut best = program.clone();
    loop {
        let mut smaller = false;
        let mut nth = 0;
        while let Some(candidate) = step(&best, nth) {
            if candidate != best && is_fair(&candidate) && shows(&candidate) {
                best = candidate;
                smaller = true;
            } else {
                nth += 1;
            }
        }
        if !smaller {
            return best;
        }
    }
}

/// The `nth` way to make it smaller.
fn step(program: &Program, nth: usize) -> Option<Program> {
    let mut smaller = program.clone();
    let mut nth = nth;
    for body in &mut smaller.bodies {
        if in_block(body, &mut nth) {
            smaller.number();
            return Some(smaller);
        }
    }
    // A body that nobody names any more, at the end.
    if nth == 0 && smaller.bodies.len() > 1 && smaller.bodies.last().is_some_and(Vec::is_empty) {
        let last = smaller.bodies.len() as u32 - 1;
        let mut named = false;
        smaller.each(&mut |stmt| {
            named |= match &stmt.kind {
                Kind::Spawn(body)
                | Kind::Cancel(body)
                | Kind::Await(body)
                | Kind::Shield(body)
                | Kind::WaitForTask(body, _) => *body == last,
                Kind::Wait(_, _, bodies) | Kind::TryGather(bodies) => bodies.contains(&last),
                _ => false,
            }
        });
        if !named {
            smaller.bodies.pop();
            smaller.roots = smaller.roots.min(smaller.bodies.len());
        }
        return Some(smaller);
    }
    None
}

/// Takes the `nth` step that is possible in here. Otherwise `nth` is what is left of it.
fn in_block(block: &mut Block, nth: &mut usize) -> bool {
    // Whole halves first.
    if block.len() > 3 {
        let half = block.len() / 2;
        if turn(nth) {
            block.drain(..half);
            return true;
        }
        if turn(nth) {
            block.truncate(half);
            return true;
        }
    }
    for at in 0..block.len() {
        if turn(nth) {
            block.remove(at);
            return true;
        }
        let count = block[at].kind.blocks().count();
        for inner in 0..count {
            if turn(nth) {
                let inside: Block = block[at].kind.blocks().nth(inner).cloned().unwrap_or_default();
                block.splice(at..=at, inside);
                return true;
            }
        }
        match &mut block[at].kind {
            Kind::Gather(blocks) | Kind::Group(_, blocks) => {
                for child in 0..blocks.len() {
                    if turn(nth) {
                        blocks.remove(child);
                        return true;
                    }
                }
            }
            Kind::Wait(_, _, bodies) | Kind::TryGather(bodies) => {
                for body in 0..bodies.len() {
                    if turn(nth) {
                        bodies.remove(body);
                        return true;
                    }
                }
            }
            _ => {}
        }
        for inner in block[at].kind.blocks_mut() {
            if in_block(inner, nth) {
                return true;
            }
        }
    }
    false
}

fn turn(nth: &mut usize) -> bool {
    if *nth == 0 {
        return true;
    }
    *nth -= 1;
    false
}

/// Whether each instant still has one cause, as the generator has it: whatever may have waited is followed by a sleep, and
/// what begins at one moment with something else begins with one.
fn is_fair(program: &Program) -> bool {
    program.bodies.iter().all(|body| fair_block(body, true))
}

fn fair_block(block: &Block, apart: bool) -> bool {
    let mut may_act = !apart;
    for (at, stmt) in block.iter().enumerate() {
        let fair = match &stmt.kind {
            Kind::Sleep(_) => {
                may_act = true;
                continue;
            }
            // Concerns nobody else.
            Kind::Raise(_) => at > 0 || !apart,
            Kind::WaitFor(_, inner) | Kind::Timeout(_, inner) => may_act && fair_block(inner, false),
            Kind::With(_, inner) => may_act && fair_block(inner, true),
            Kind::Gather(all) => may_act && all.iter().all(|each| fair_block(each, true)),
            Kind::Group(body, all) => {
                may_act && fair_block(body, true) && all.iter().all(|each| fair_block(each, true))
            }
            Kind::Catch(inner, other, _) | Kind::CatchError(inner, other) | Kind::Finally(inner, other) => {
                may_act && fair_block(inner, false) && fair_block(other, true)
            }
            Kind::CondWait(_, before, after) => {
                may_act && fair_block(before, true) && fair_block(after, true)
            }
            _ => may_act,
        };
        if !fair {
            return false;
        }
        may_act &= match &stmt.kind {
            Kind::Spawn(_) | Kind::Cancel(_) => true,
            Kind::Do(_, action, _) => action.is_at_once(),
            _ => false,
        };
    }
    true
}
