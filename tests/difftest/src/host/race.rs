//! Rule `grant-meets-cancellation`.

use std::vec::Vec;

use crate::interpret::INDICES;
use crate::program::{Action, Kind, Program};
use crate::trace::{CANCELLED, Grant, Record, Trace};

/// When a statement was served or refused on one side and cancelled on the other, or in what came after it, at one moment,
/// which is that of the first difference, and at which something else was cancelled on both.
pub fn race(program: &Program, cpython: &Trace, everloop: &Trace) -> Option<u64> {
    let traces = [cpython, everloop];
    let (theirs, ours) = (only(cpython, everloop), only(everloop, cpython));
    let grants = [only_granted(cpython, everloop), only_granted(everloop, cpython)].concat();
    let ends = theirs.iter().chain(&ours).map(|record| record.end);
    let first = ends.chain(grants.iter().map(|grant| grant.time)).min()?;
    let now = |record: &Record| record.end == first && is_cancelled(record);
    let served = |trace: &Trace, id| {
        let granted = trace.grants.iter().any(|grant| grant.id == id && grant.time == first);
        granted || (traces.into_iter().all(|trace| is_refused(program, trace, id, first)))
    };
    let meets = theirs.iter().filter(|record| record.end == first).any(|their| {
        ours.iter().any(|our| {
            (our.id, our.start, our.end) == (their.id, their.start, first)
                && ((is_cancelled(our) && served(cpython, our.id))
                    || (is_cancelled(their) && served(everloop, our.id)))
        })
    });
    // Or it was let in on one side only, and cancelled in what it began with.
    let let_in = theirs.iter().chain(&ours).any(|record| {
        record.start == first
            && now(record)
            && theirs.iter().any(|their| their.id == record.id) != ours.iter().any(|our| our.id == record.id)
    });
    let granted = grants.iter().any(|grant| {
        let cancelled =
            |trace: &Trace| trace.records.iter().any(|record| record.id == grant.id && now(record));
        grant.time == first && traces.into_iter().all(cancelled)
    });
    let served = |id| grants.iter().any(|grant| grant.id == id);
    let another = cpython
        .records
        .iter()
        .any(|record| now(record) && !served(record.id) && everloop.records.binary_search(record).is_ok());
    ((meets || let_in || granted) && another).then_some(first)
}

fn is_cancelled(record: &Record) -> bool {
    record.outcome.starts_with(CANCELLED)
}

/// Whether somebody let down at this moment those who waited at the object of this statement.
fn is_refused(program: &Program, trace: &Trace, id: u32, moment: u64) -> bool {
    let (mut object, mut refusals) = (None, Vec::new());
    program.each(&mut |stmt| match stmt.kind {
        Kind::Do(at, _, _) if stmt.id == id => object = Some(at),
        Kind::Do(at, action, _) if REFUSALS.contains(&action) => refusals.push((stmt.id, at)),
        _ => {}
    });
    let now = |id| trace.records.iter().any(|record| record.id == id && record.end == moment);
    refusals.into_iter().any(|(id, at)| Some(at) == object && now(id))
}

const REFUSALS: [Action; 5] =
    [Action::Shutdown, Action::Reset, Action::Abort, Action::SetError, Action::CancelCell];

fn only(one: &Trace, other: &Trace) -> Vec<Record> {
    one.records.iter().filter(|record| other.records.binary_search(record).is_err()).cloned().collect()
}

fn only_granted(one: &Trace, other: &Trace) -> Vec<Grant> {
    let only = |grant: &&Grant| !INDICES.contains(&grant.line) && !other.grants.contains(grant);
    one.grants.iter().filter(only).copied().collect()
}
