//! Makes a program smaller as long as it shows what it shows.

use std::vec::Vec;

use super::fair::is_fair;
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
            named |= stmt.kind.bodies().contains(&last);
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
        if let Some(plain) = plain(&block[at].kind)
            && turn(nth)
        {
            block[at].kind = plain;
            return true;
        }
        match &mut block[at].kind {
            Kind::Gather(blocks)
            | Kind::Select(blocks)
            | Kind::Group(_, blocks)
            | Kind::StaticGroup(_, blocks) => {
                for child in 0..blocks.len() {
                    if turn(nth) {
                        blocks.remove(child);
                        return true;
                    }
                }
            }
            Kind::Wait(_, _, bodies) | Kind::TryGather(bodies) | Kind::AsCompleted(_, bodies) => {
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

/// The same without what is special about it.
fn plain(kind: &Kind) -> Option<Kind> {
    Some(match kind {
        Kind::CancelWith(body, _) => Kind::Cancel(*body),
        Kind::SpawnEager(body) => Kind::Spawn(*body),
        Kind::StaticGroup(body, children) => Kind::Group(body.clone(), children.clone()),
        Kind::CondWaitFor(object, _, before, after) => Kind::CondWait(*object, before.clone(), after.clone()),
        _ => return None,
    })
}

fn turn(nth: &mut usize) -> bool {
    if *nth == 0 {
        return true;
    }
    *nth -= 1;
    false
}
