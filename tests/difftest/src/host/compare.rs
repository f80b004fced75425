//! Compares what came of a program on both sides.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::oracle::Applied;
use super::race::race;
use crate::interpret::{HORIZON, INDICES};
use crate::program::{Block, Kind, Program};
use crate::trace::{Grant, Record, Trace};

/// What the comparison says.
pub struct Verdict {
    /// The first difference that no rule explains.
    pub difference: Option<String>,
    /// The rules because of which not all was compared.
    pub rules: Vec<String>,
}

/// Compares.
pub fn compare(program: &Program, cpython: &Trace, everloop: &Trace, applied: &[Applied]) -> Verdict {
    let mut rules: Vec<_> = applied.iter().map(|(_, rule)| rule.clone()).collect();
    rules.dedup();
    // Before a rule that only says when the two part, all has to agree.
    let first = |named: bool| {
        let times =
            applied.iter().filter(|(_, rule)| (rule == "barrier-index") == named).map(|(time, _)| *time);
        times.min().unwrap_or(u64::MAX)
    };
    let (mut until, indices_until) = (first(false), first(true));
    for (rule, differs) in CLOSING {
        if until > HORIZON && is_late(program, cpython, everloop, *differs) {
            until = HORIZON;
            rules.push((*rule).into());
        }
    }
    if let Some(race) = race(program, cpython, everloop).filter(|race| *race < until) {
        until = race;
        rules.push("grant-meets-cancellation".into());
    }
    Verdict { difference: difference(program, cpython, everloop, until, indices_until), rules }
}

type Such = fn(&Kind) -> bool;

/// What is not compared of the end, when what is left over is cancelled: statements of which kind, by which rule.
const CLOSING: &[(&str, Such)] = &[
    ("children-close-with-their-group", |kind| matches!(kind, Kind::StaticGroup(..))),
    ("closing-asks-once", |kind| matches!(kind, Kind::Cancelling(_) | Kind::Uncancel(_))),
];

/// Whether such a statement ended when what was left over was cancelled.
fn is_late(program: &Program, cpython: &Trace, everloop: &Trace, such: Such) -> bool {
    let mut late = false;
    program.each(&mut |stmt| {
        let ends =
            |trace: &Trace| trace.records.iter().any(|record| record.id == stmt.id && record.end >= HORIZON);
        late |= such(&stmt.kind) && (ends(cpython) || ends(everloop));
    });
    late
}

fn difference(
    program: &Program,
    cpython: &Trace,
    everloop: &Trace,
    until: u64,
    indices_until: u64,
) -> Option<String> {
    let (theirs, ours) = (before(cpython, until), before(everloop, until));
    let mut pairs = (theirs.iter(), ours.iter());
    loop {
        match (pairs.0.next(), pairs.1.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return Some(first_of(a.copied(), b.copied())),
        }
    }
    let places = places(program);
    let grants = |trace: &Trace| -> Vec<_> {
        let mut grants = trace
            .grants
            .iter()
            .filter(|grant| {
                grant.time < until && (!INDICES.contains(&grant.line) || grant.time < indices_until)
            })
            .copied()
            .collect::<Vec<_>>();
        grants.chunk_by_mut(|a, b| (a.object, a.line, a.time) == (b.object, b.line, b.time)).for_each(
            |moment| {
                // Rule `parts-are-polled-together`.
                let part = |grant: &Grant| places[grant.id as usize];
                let together = |n: usize, grant: &Grant| {
                    part(grant).grouped
                        || moment[..n].iter().any(|other| part(other).body == part(grant).body)
                };
                if moment.iter().enumerate().any(|(n, grant)| together(n, grant)) {
                    moment.sort();
                }
            },
        );
        grants
    };
    let (theirs, ours) = (grants(cpython), grants(everloop));
    if theirs != ours {
        let at = theirs.iter().zip(&ours).position(|(a, b)| a != b).unwrap_or(theirs.len().min(ours.len()));
        return Some(format!("grants: CPython {:?}, everloop {:?}", theirs.get(at), ours.get(at)));
    }
    if until < u64::MAX {
        return None;
    }
    if cpython.left != everloop.left {
        return Some(format!("left: CPython {:?}, everloop {:?}", cpython.left, everloop.left));
    }
    // Rule `end-of-a-deadlock`: a timer that has nothing to do any more may move the time on before a deadlock is seen.
    let end = |trace: &Trace| (!trace.deadlock).then_some(trace.end);
    if end(cpython) != end(everloop) {
        return Some(format!(
            "end: CPython {} {}, everloop {} {}",
            cpython.end, cpython.deadlock, everloop.end, everloop.deadlock
        ));
    }
    None
}

/// Where a statement stands.
#[derive(Clone, Copy, Default)]
struct Place {
    body: usize,
    /// In a task group, or part of a gather.
    grouped: bool,
}

/// Of each statement, by its number.
fn places(program: &Program) -> Vec<Place> {
    let mut places = std::vec![Place::default()];
    for (body, block) in program.bodies.iter().enumerate() {
        place(block, Place { body, grouped: false }, &mut places);
    }
    places
}

fn place(block: &Block, at: Place, places: &mut Vec<Place>) {
    for stmt in block {
        places.push(at);
        let inner = Place {
            grouped: at.grouped || matches!(stmt.kind, Kind::Group(..) | Kind::Gather(_) | Kind::Select(_)),
            ..at
        };
        for block in stmt.kind.blocks() {
            place(block, inner, places);
        }
    }
}

fn before(trace: &Trace, until: u64) -> Vec<&Record> {
    trace.records.iter().filter(|record| record.end < until).collect()
}

fn first_of(theirs: Option<&Record>, ours: Option<&Record>) -> String {
    let one = |record: Option<&Record>| match record {
        Some(record) => {
            format!("s{} {}..{} {}", record.id, record.start, record.end, record.outcome)
        }
        None => "nothing".into(),
    };
    format!("CPython {}, everloop {}", one(theirs), one(ours))
}
