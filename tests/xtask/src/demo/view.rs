//! What is known of one station.

#[cfg(test)]
mod tests;

use crate::station::{Order, Reading};
use std::collections::VecDeque;
use std::time::Duration;

/// How many values the curve shows.
const CURVE: usize = 24;

/// What a client reports.
#[derive(Debug)]
pub enum News {
    /// A reading came.
    Reading(Reading),
    /// A request was answered after this time.
    Answered(Duration),
    /// So many readings were lost, the station says.
    Dropped(u64),
    /// The client is at its end.
    Failure(String),
}

/// A station as its clients see it.
pub struct View {
    /// Where it runs.
    pub label: &'static str,
    /// How many readings came.
    pub received: u64,
    /// The newest.
    pub newest: Option<Reading>,
    values: VecDeque<i64>,
    order: Order,
    lost: u64,
    latencies: Vec<Duration>,
}

impl View {
    /// Nothing is known yet.
    pub fn new(label: &'static str) -> Self {
        Self {
            label,
            received: 0,
            newest: None,
            values: VecDeque::new(),
            order: Order::default(),
            lost: 0,
            latencies: Vec::new(),
        }
    }

    /// Takes note of what a client reports.
    pub fn take(&mut self, news: News) {
        match news {
            News::Reading(reading) => {
                self.received += 1;
                self.order.see(reading.seq);
                if self.values.len() == CURVE {
                    self.values.pop_front();
                }
                self.values.push_back(reading.millidegrees);
                self.newest = Some(reading);
            }
            News::Answered(latency) => self.latencies.push(latency),
            News::Dropped(lost) => self.lost = lost,
            News::Failure(_) => {}
        }
    }

    /// How many requests were answered.
    pub fn requests(&self) -> usize {
        self.latencies.len()
    }

    /// What the station lost, and what came out of order.
    pub fn dropped(&self) -> u64 {
        self.lost + self.order.faults()
    }

    /// The last request's latency.
    pub fn latest(&self) -> Option<Duration> {
        self.latencies.last().copied()
    }

    /// The longest latency.
    pub fn worst(&self) -> Option<Duration> {
        self.latencies.iter().max().copied()
    }

    /// The latency that half of the requests stayed below.
    pub fn median(&self) -> Option<Duration> {
        let mut sorted = self.latencies.clone();
        sorted.sort();
        sorted.get(sorted.len() / 2).copied()
    }

    /// The newest values as a curve of one line.
    pub fn curve(&self) -> String {
        const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let lowest = self.values.iter().min().copied().unwrap_or(0);
        let span = self.values.iter().max().map_or(0, |highest| highest.abs_diff(lowest)).max(1);
        let step = |value: &i64| {
            let at = u128::from(value.abs_diff(lowest)) * 7 / u128::from(span);
            STEPS[usize::try_from(at).unwrap_or(7).min(7)]
        };
        self.values.iter().map(step).collect()
    }
}

/// A latency as people read it.
pub fn millis(latency: Option<Duration>) -> String {
    latency.map_or_else(|| "-".to_owned(), |latency| format!("{:.2} ms", latency.as_secs_f64() * 1000.0))
}
