//! Showing the stations: a table that is redrawn in place on a terminal, lines elsewhere.

#[cfg(test)]
mod tests;

use super::view::{News, View, millis};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stdout};
use std::time::Duration;

/// Width of the column of names.
const NAMES: usize = 12;
/// Width of a station's column: with two of them a line fits into 80 characters.
const COLUMN: usize = 28;

/// Where the stations are shown.
pub struct Screen {
    live: bool,
    /// How many lines the last table had.
    drawn: usize,
    total: Duration,
}

impl Screen {
    /// Standard output; the demo will run for `total`.
    pub fn new(total: Duration) -> Self {
        Self { live: stdout().is_terminal(), drawn: 0, total }
    }

    /// Draws the table, on a terminal.
    pub fn draw(&mut self, views: &[View], elapsed: Duration) {
        if !self.live {
            return;
        }
        let table = table(views, elapsed.min(self.total), self.total);
        let mut frame = String::new();
        if self.drawn > 0 {
            // Back to the first line of the last table.
            let _ = write!(frame, "\x1b[{}A", self.drawn);
        }
        for line in &table {
            // Without the rest of what stood there before.
            let _ = writeln!(frame, "\r{line}\x1b[K");
        }
        self.drawn = table.len();
        // In one piece, so that nothing flickers.
        let _ = stdout().write_all(frame.as_bytes());
    }

    /// Prints a reading as a line, where there is no terminal.
    pub fn line(&self, view: &View, news: &News) {
        if let News::Reading(reading) = news
            && !self.live
        {
            println!(
                "{:<12} reading {:>6} at {:>8.1} s: {}",
                view.label,
                reading.seq,
                Duration::from_millis(reading.millis).as_secs_f32(),
                reading.degrees()
            );
        }
    }
}

fn table(views: &[View], elapsed: Duration, total: Duration) -> Vec<String> {
    let mut table = vec![
        format!("everloop stations, {:.1} of {} s", elapsed.as_secs_f32(), total.as_secs()),
        String::new(),
    ];
    let mut row = |name: &str, cell: &dyn Fn(&View) -> String| {
        let mut line = format!("{name:<NAMES$}");
        for view in views {
            let _ = write!(line, "{:<COLUMN$}", cell(view));
        }
        table.push(line.trim_end().to_owned());
    };
    let newest = |view: &View, show: &dyn Fn(&crate::station::Reading) -> String| {
        view.newest.as_ref().map_or_else(|| "-".to_owned(), show)
    };
    row("", &|view| view.label.to_owned());
    row("value", &|view| newest(view, &|reading| reading.degrees()));
    row("", &View::curve);
    row("reading", &|view| newest(view, &|reading| reading.seq.to_string()));
    row("received", &|view| view.received.to_string());
    row("dropped", &|view| view.dropped().to_string());
    row("requests", &|view| view.requests().to_string());
    row("latency", &|view| millis(view.latest()));
    row("worst", &|view| millis(view.worst()));
    table
}
