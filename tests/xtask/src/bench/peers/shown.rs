//! The outcomes as text.

use super::figure::figure;
use super::measured::Measured;
use super::outcome::Outcome;
use super::{OURS, RAW, TOKIO, reasons};
use crate::bench::Table;

/// The table of everloop beside the best, and that of everybody.
pub fn tables(outcomes: &[Outcome<'_>], measured: &Measured) -> String {
    format!("{}\n{}", beside_the_best(outcomes), everybody(outcomes, measured))
}

fn beside_the_best(outcomes: &[Outcome<'_>]) -> Table {
    let notes: Vec<_> = outcomes.iter().map(note).collect();
    let width = notes.iter().map(|note| note.chars().count()).max().unwrap_or(0);
    let heads =
        ["", "everloop", "unit", "best peer", "", "tokio", "raw", "x best", "x raw", "to reach", "", ""];
    let mut table = Table::new(heads);
    for (outcome, note) in outcomes.iter().zip(notes) {
        let known = |value: Option<f64>| value.map_or("-".to_owned(), figure);
        let times = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
        let (name, best) = outcome.best().map_or(("-", None), |(name, value)| (name, Some(value)));
        let [of_best, of_raw] = outcome.ratios();
        table.texts(
            outcome.line.title,
            [
                known(outcome.value(OURS)),
                outcome.line.unit.name().to_owned(),
                known(best),
                name.to_owned(),
                known(outcome.value(TOKIO)),
                known(outcome.value(RAW)),
                times(of_best),
                times(of_raw),
                known(outcome.figure_to_reach()),
                to_reach(outcome),
                // Columns go to the right, but this one is prose.
                format!("{note:width$}"),
            ],
        );
    }
    table
}

/// Whether the line is reached, and if not, why.
fn note(outcome: &Outcome<'_>) -> String {
    match outcome.reached() {
        Some(true) => "reached".to_owned(),
        Some(false) => match reasons::of(outcome.line.workload, outcome.line.key) {
            Some(reason) => format!("missed: {reason}"),
            None => "missed".to_owned(),
        },
        None => String::new(),
    }
}

fn to_reach(outcome: &Outcome<'_>) -> String {
    let goal = outcome.line.goal;
    let best = goal.best.map(|times| format!("{times} x best{}", if goal.epoll { " on epoll" } else { "" }));
    let raw = goal.raw.map(|times| format!("{times} x raw"));
    let own = goal.own.map(|own| format!("{} x {}", own.times, own.title));
    best.into_iter().chain(raw).chain(own).collect::<Vec<_>>().join(", ")
}

fn everybody(outcomes: &[Outcome<'_>], measured: &Measured) -> Table {
    let runtimes = measured.runtimes.iter();
    let mut table = Table::new(["", ""].into_iter().map(str::to_owned).chain(runtimes.cloned()));
    for outcome in outcomes {
        let cells =
            measured.runtimes.iter().map(|runtime| outcome.value(runtime).map_or("-".to_owned(), figure));
        table.texts(outcome.line.title, std::iter::once(outcome.line.unit.name().to_owned()).chain(cells));
    }
    table
}

/// For the picture: a line of the table, whether more is better, a runtime, its number and the unit, with tabs between.
pub fn data(outcomes: &[Outcome<'_>]) -> String {
    let mut text = String::new();
    let mut above = "";
    for outcome in outcomes {
        let title = outcome.line.title;
        let indented = title.starts_with("  ");
        let shown = if indented { format!("{above}: {}", title.trim()) } else { title.to_owned() };
        if !indented {
            // Of a number a comma is part.
            let short = title.split(':').next().unwrap_or(title);
            above = short.split(", ").next().unwrap_or(short);
        }
        for (runtime, value) in &outcome.values {
            let (rate, unit) = (outcome.line.unit.is_rate(), outcome.line.unit.name());
            text.push_str(&format!("{shown}\t{rate}\t{runtime}\t{value}\t{unit}\n"));
        }
    }
    text
}
