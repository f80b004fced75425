//! The demo's end: what came of it, and whether that is good.

#[cfg(test)]
mod tests;

use super::subscriber::PERIOD;
use super::view::{View, millis};
use anyhow::{Result, ensure};
use std::time::Duration;

/// Prints a line for each station.
pub fn print(views: &[View]) {
    println!(
        "\n{:<12} {:>9} {:>9} {:>9} {:>14} {:>14}",
        "station", "readings", "requests", "dropped", "median latency", "worst latency"
    );
    for view in views {
        println!(
            "{:<12} {:>9} {:>9} {:>9} {:>14} {:>14}",
            view.label,
            view.received,
            view.requests(),
            view.dropped(),
            millis(view.median()),
            millis(view.worst())
        );
    }
}

/// An error if a station lost readings, or gave far fewer than were due.
pub fn judge(views: &[View], took: Duration) -> Result<()> {
    for view in views {
        let label = view.label;
        ensure!(view.dropped() == 0, "the station on {label} dropped {} readings", view.dropped());
        ensure!(view.requests() > 0, "the station on {label} answered no request");
        // Half of what was due: it takes its time to begin, and the machine may be busy.
        let due = took.as_millis() / u128::from(PERIOD) / 2;
        ensure!(
            u128::from(view.received) >= due.max(1),
            "the station on {label} sent {} readings in {:.1} s",
            view.received,
            took.as_secs_f32()
        );
    }
    Ok(())
}
