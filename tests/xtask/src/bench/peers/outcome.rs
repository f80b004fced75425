//! What came of a line of the table.

use super::line::{Goal, Line};
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
    /// The other number of the same work that this one is measured by.
    own: Option<f64>,
}

/// A goal, and how far from it everloop is.
pub struct Standing {
    /// How many times the other it should be.
    pub goal: f64,
    /// How many times it is.
    pub is: f64,
    /// What the other takes.
    pub other: f64,
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
        let mut this = Self::with(line, measured.runtimes.iter().filter_map(value).collect());
        let told = line.goal.own.and_then(|own| measured.median(OURS, work, own.key));
        this.own = told.map(|told| line.unit.value(told));
        this
    }

    /// With these numbers.
    pub fn with(line: &'a Line, values: Vec<(String, f64)>) -> Self {
        let peers = values.iter().enumerate().filter(|(_, (name, _))| {
            // There is more than one way by hand.
            name != OURS && !name.starts_with(RAW) && !(line.goal.epoll && URING.contains(&name.as_str()))
        });
        let sign = if line.unit.is_rate() { -1.0 } else { 1.0 };
        let best = peers.min_by(|(_, a), (_, b)| (a.1 * sign).total_cmp(&(b.1 * sign)));
        let best = best.map(|(at, _)| at);
        Self { line, values, best, own: None }
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
        [self.best_value(), self.value(RAW)].map(|other| Some(ours? / other?))
    }

    fn best_value(&self) -> Option<f64> {
        self.best().map(|(_, value)| value)
    }

    /// Its goals that can be judged: against the best peer, the work by hand, and another number of its own.
    pub fn standings(&self) -> Vec<Standing> {
        let Goal { best, raw, own, .. } = self.line.goal;
        let goals = [(best, self.best_value()), (raw, self.value(RAW)), (own.map(|own| own.times), self.own)];
        let ours = self.value(OURS);
        let standing = |(goal, other): (Option<f64>, Option<f64>)| {
            let (goal, other) = (goal?, other?);
            Some(Standing { goal, is: ours? / other, other })
        };
        goals.into_iter().filter_map(standing).collect()
    }

    /// The figure that reaches all goals, if there are any that can be judged.
    pub fn figure_to_reach(&self) -> Option<f64> {
        let figures = self.standings().into_iter().map(|standing| standing.goal * standing.other);
        figures.reduce(if self.line.unit.is_rate() { f64::max } else { f64::min })
    }

    /// Whether the line reaches what it is to reach; `None` if it is to reach nothing, or that is not known.
    pub fn reached(&self) -> Option<bool> {
        let is_rate = self.line.unit.is_rate();
        let reached = |Standing { goal, is, .. }: Standing| if is_rate { is >= goal } else { is <= goal };
        self.standings().into_iter().map(reached).reduce(|a, b| a && b)
    }
}
