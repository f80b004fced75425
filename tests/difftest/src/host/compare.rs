//! Compares what came of a program on both sides.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::oracle::Applied;
use crate::program::{Block, Kind, Program};
use crate::trace::{Grant, Record, Trace};

/// The first difference that no rule explains.
pub fn difference(program: &Program, cpython: &Trace, everloop: &Trace, applied: &[Applied]) -> Option<String> {
    // Before a rule that only says when the two part, all has to agree.
    let until = applied.iter().map(|(time, _)| *time).min().unwrap_or(u64::MAX);
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
        let mut grants = trace.grants.iter().filter(|grant| grant.time < until).copied().collect::<Vec<_>>();
        grants.chunk_by_mut(|a, b| (a.object, a.line, a.time) == (b.object, b.line, b.time)).for_each(|moment| {
            // Rule `parts-are-polled-together`.
            let part = |grant: &Grant| places[grant.id as usize];
            let together = |n: usize, grant: &Grant| {
                part(grant).grouped || moment[..n].iter().any(|other| part(other).body == part(grant).body)
            };
            if moment.iter().enumerate().any(|(n, grant)| together(n, grant)) {
                moment.sort();
            }
        });
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
    if (cpython.end, cpython.deadlock) != (everloop.end, everloop.deadlock) {
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
    /// In a task group.
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
        let inner = Place { grouped: at.grouped || matches!(stmt.kind, Kind::Group(..)), ..at };
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
