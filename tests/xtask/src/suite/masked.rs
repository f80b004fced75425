//! Interrupts stay masked no longer for there being many who wait, and a queue that one feeds loses nothing.
//!
//! Instructions are counted in QEMU, where they are the same in every run, so that this may be told to the
//! instruction.

#[cfg(test)]
mod tests;

use super::Cases;
use crate::bench::masked::{self, Call, Found, calls};
use crate::bench::{Program, Row, interrupt_queue};
use crate::images::{Image, MEASURING};
use anyhow::{Context, Result, ensure};

/// The most who wait.
const MANY: u64 = 100;
/// Instructions by which a section may differ for other reasons: the first waiter has one behind it or not, and the ring
/// of a queue begins again or not. One that grows with those who wait has at least one for each.
const SLACK: u64 = 2;
/// How many items the queue is fed at each rate.
const ITEMS: u64 = 100_000;

/// Every board that measures.
pub fn run(cases: &mut Cases<'_>) -> Result<()> {
    for image in MEASURING {
        let recorded = Program::Recorder.rows(image, masked::GROUP)?;
        for call in calls(&recorded) {
            cases.run(&name(image, &call.name), || constant(&call));
        }
        cases.run(&name(image, "a queue that an interrupt feeds"), || {
            fed(&Program::Plain.rows(image, interrupt_queue::GROUP)?)
        });
    }
    Ok(())
}

fn name(image: &Image, what: &str) -> String {
    format!("{}::{}", image.package, what.replace(' ', "-"))
}

/// The longest critical section does not depend on how many wait: neither in the call nor, where that is known, in
/// what the tasks do around it.
fn constant(call: &Call) -> Result<()> {
    let found = |waiters| call.with(waiters).with_context(|| format!("not measured with {waiters} waiters"));
    let (one, many) = (found(1)?, found(MANY)?);
    let longest = |found: &Found| found.longest.context("not recorded");
    same("the call", longest(one)?, longest(many)?)?;
    match (one.anywhere, many.anywhere) {
        (Some(one), Some(many)) => same("the call or a task", one, many),
        _ => Ok(()),
    }
}

fn same(who: &str, one: u64, many: u64) -> Result<()> {
    ensure!(
        many <= one + SLACK,
        "{who} masks interrupts for {one} instructions with one waiter, for {many} with {MANY}"
    );
    Ok(())
}

/// All items have come, also those that were refused at first. (That they came in order, the program has looked at.)
fn fed(rows: &[Row]) -> Result<()> {
    let number = |name: &str, key: &str| {
        let row = rows.iter().find(|row| row.name == name).with_context(|| format!("no row `{name}`"))?;
        row.number(key).with_context(|| format!("no {key} in row `{name}`"))
    };
    for name in ["fastest without a refusal", "too fast"] {
        let (items, lost) = (number(name, "items")?, number(name, "lost")?);
        ensure!(items == ITEMS && lost == 0, "{name}: {lost} of {items} items were lost");
    }
    ensure!(number("fastest without a refusal", "refused")? == 0, "an item was refused");
    ensure!(number("too fast", "refused")? > 0, "the queue was never full, so nothing was shown");
    Ok(())
}
