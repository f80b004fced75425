//! What came of a line of the table.

use super::line::Line;
use super::measured::Measured;
use super::{OURS, RAW};

/// Peers that wait for sockets by io_uring.
const URING: [&str; 3] = ["compio", "glommio", "monoio-uring"];

/// The numbers of one line.
pub struct Outcome<'a> {
    /// The line.
    pub line: &'a Line,
    /// Who does it how well, in the line's unit, in the order of the runtimes.
    pub values: Vec<(String, f64)>,
    /// The best peer.
    best: Option<usize>,
}

impl<'a> Outcome<'a> {
    /// Reads them.
    pub fn of(line: &'a Line, measured: &Measured) -> Self {
        let work = (line.workload, line.n);
        let value = |runtime: &String| {
            let told = measured.median(runtime, work, line.key)?;
            // A lock that lets others barge in does other work.
            let fair = measured.median(runtime, work, "barged").is_none_or(|barged| barged < 1_000.0);
            fair.then(|| (runtime.clone(), line.unit.value(told)))
        };
        Self::with(line, measured.runtimes.iter().filter_map(value).collect())
    }

    /// With these numbers.
    pub fn with(line: &'a Line, values: Vec<(String, f64)>) -> Self {
        let peers = values.iter().enumerate().filter(|(_, (name, _))| {
            name != OURS && name != RAW && !(line.goal.epoll && URING.contains(&name.as_str()))
        });
        let sign = if line.unit.is_rate() { -1.0 } else { 1.0 };
        let best = peers.min_by(|(_, a), (_, b)| (a.1 * sign).total_cmp(&(b.1 * sign)));
        let best = best.map(|(at, _)| at);
        Self { line, values, best }
    }

    /// Somebody's number.
    pub fn value(&self, runtime: &str) -> Option<f64> {
        self.values.iter().find(|(name, _)| name == runtime).map(|(_, value)| *value)
    }

    /// The best peer and its number.
    pub fn best(&self) -> Option<(&str, f64)> {
        self.best.map(|at| (self.values[at].0.as_str(), self.values[at].1))
    }

    /// How many times what the best peer and the work by hand take.
    pub fn ratios(&self) -> [Option<f64>; 2] {
        let ours = self.value(OURS);
        let to = |other: Option<f64>| Some(ours? / other?);
        [to(self.best().map(|(_, value)| value)), to(self.value(RAW))]
    }

    /// Whether the line reaches what it is to reach; `None` if it is to reach nothing, or that is not known.
    pub fn reached(&self) -> Option<bool> {
        let goals = [self.line.goal.best, self.line.goal.raw];
        let reached = |(goal, ratio): (Option<f64>, Option<f64>)| {
            let (goal, ratio) = (goal?, ratio?);
            Some(if self.line.unit.is_rate() { ratio >= goal } else { ratio <= goal })
        };
        goals.into_iter().zip(self.ratios()).filter_map(reached).reduce(|a, b| a && b)
    }
}
