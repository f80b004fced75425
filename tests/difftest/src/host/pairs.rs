//! Which tasks may be cancelled at one moment.
//!
//! In asyncio a cancellation reaches a task that is awaited at once, and here with the poll of who awaits it. In between
//! that task must not hear of the other cancellation; nor may anybody else hear of both.

use std::collections::BTreeSet;
use std::vec::Vec;

use super::random::Random;
use crate::program::{Block, Kind, Program, Stmt};

/// Who waits for whom in a program, by the numbers of bodies.
#[derive(Clone, Default)]
pub struct Pairs {
    /// Of each, all that its end may depend on, itself among them.
    depends: Vec<BTreeSet<u32>>,
    /// Of each, all that a request to it reaches, itself among them.
    reaches: Vec<BTreeSet<u32>>,
    /// Of each, all that children of its groups which are tasks of their own wait for: they hear of it with no poll of the
    /// task that a request goes through to reach them.
    apart: Vec<BTreeSet<u32>>,
    /// Those that a statement waits for together.
    together: Vec<Vec<u32>>,
}

impl Pairs {
    /// Those of a program.
    pub fn of(program: &Program) -> Self {
        let mut pairs = Self::default();
        let bodies = program.bodies.len() as u32;
        let own: Vec<_> = (0..bodies).map(|body| BTreeSet::from([body])).collect();
        (pairs.depends, pairs.reaches) = (own.clone(), own);
        pairs.apart = (0..bodies).map(|_| BTreeSet::new()).collect();
        for (body, block) in program.bodies.iter().enumerate() {
            crate::program::each(block, &mut |stmt| {
                let others = stmt.kind.bodies();
                let (waits, hands_on) = waits(&stmt.kind);
                if waits {
                    pairs.depends[body].extend(others);
                    pairs.together.push(others.to_vec());
                }
                if hands_on {
                    pairs.reaches[body].extend(others);
                }
                if let Kind::StaticGroup(_, children) = &stmt.kind {
                    for child in children {
                        crate::program::each(child, &mut |stmt| {
                            pairs.apart[body].extend(awaited(&stmt.kind));
                        });
                    }
                }
            });
        }
        close(&mut pairs.depends);
        close(&mut pairs.reaches);
        pairs
    }

    fn hears_of(&self, body: u32, of: u32) -> bool {
        self.depends.get(body as usize).is_some_and(|all| all.contains(&of))
    }

    /// Whether both may be cancelled at one moment.
    pub fn allow(&self, one: u32, other: u32) -> bool {
        let meets = |one: u32, other: u32| {
            let reached = self.reaches.get(one as usize).into_iter().flatten();
            reached.copied().any(|body| {
                let apart = self.apart.get(body as usize).into_iter().flatten();
                (body != one && body != other && self.hears_of(body, other))
                    || apart.copied().any(|awaited| self.hears_of(awaited, other))
            })
        };
        let parted = self.together.iter().all(|all| {
            !all.iter()
                .any(|a| all.iter().any(|b| a != b && self.hears_of(*a, one) && self.hears_of(*b, other)))
        });
        one == other || (!meets(one, other) && !meets(other, one) && parted)
    }
}

/// Whether a statement waits for tasks, and whether it hands a request on to them.
fn waits(kind: &Kind) -> (bool, bool) {
    match kind {
        Kind::Await(_) | Kind::WaitForTask(..) | Kind::TryGather(_) => (true, true),
        Kind::Shield(_) | Kind::Wait(..) | Kind::AsCompleted(..) => (true, false),
        _ => (false, false),
    }
}

/// The tasks that a statement waits for.
fn awaited(kind: &Kind) -> &[u32] {
    if waits(kind).0 { kind.bodies() } else { &[] }
}

/// Puts a second cancellation beside some: of who awaits that task, or is awaited by it.
pub fn couple(program: &mut Program, random: &mut Random) {
    let pairs = Pairs::of(program);
    for (own, body) in program.bodies.iter_mut().enumerate() {
        couple_block(body, own as u32, &pairs, random);
    }
}

fn couple_block(block: &mut Block, own: u32, pairs: &Pairs, random: &mut Random) {
    for at in (1..block.len().max(1) - 1).rev() {
        // Alone at its moment.
        if let Kind::Cancel(one) = block[at].kind
            && [at - 1, at + 1].iter().all(|beside| matches!(block[*beside].kind, Kind::Sleep(_)))
            && random.percent(40)
        {
            let related: Vec<_> = (0..pairs.depends.len() as u32)
                .filter(|other| *other != one && *other != own)
                .filter(|other| pairs.hears_of(*other, one) || pairs.hears_of(one, *other))
                .collect();
            if !related.is_empty() {
                let other = Stmt { id: 0, kind: Kind::Cancel(random.one(&related)) };
                // In any order.
                block.insert(at + usize::from(random.percent(50)), other);
            }
        }
    }
    for stmt in block {
        for inner in stmt.kind.blocks_mut() {
            couple_block(inner, own, pairs, random);
        }
    }
}

/// Takes the second of two cancellations at one moment away where that is not fair.
pub fn part(program: &mut Program) {
    let pairs = Pairs::of(program);
    let mut counts = false;
    program.each(&mut |stmt| counts |= matches!(&stmt.kind, Kind::Cancelling(_) | Kind::Uncancel(_)));
    for body in &mut program.bodies {
        part_block(body, &|one, other| !counts && pairs.allow(one, other));
    }
}

fn part_block(block: &mut Block, allow: &dyn Fn(u32, u32) -> bool) {
    let mut before = None;
    block.retain(|stmt| match &stmt.kind {
        Kind::Cancel(other) | Kind::CancelWith(other, _) => match before {
            Some(one) => allow(one, *other),
            None => {
                before = Some(*other);
                true
            }
        },
        kind => {
            if !kind.is_at_once() {
                before = None;
            }
            true
        }
    });
    for stmt in block {
        for inner in stmt.kind.blocks_mut() {
            part_block(inner, allow);
        }
    }
}

/// Adds what those that are there lead to.
fn close(sets: &mut [BTreeSet<u32>]) {
    loop {
        let before = sets.to_vec();
        for set in &mut *sets {
            let further: Vec<_> =
                set.iter().filter_map(|body| before.get(*body as usize)).flatten().copied().collect();
            set.extend(further);
        }
        if sets == before {
            return;
        }
    }
}
