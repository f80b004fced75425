//! The times of a task, which cost two looks at the clock a poll: only with the `inspect` feature.

use core::cell::Cell;

use crate::{Duration, Instant};

pub(crate) struct Times {
    /// When its last poll ended.
    since: Cell<Instant>,
    longest: Cell<Duration>,
}

impl Times {
    pub(crate) const fn new() -> Self {
        Self { since: Cell::new(Instant::from_ticks(0)), longest: Cell::new(Duration::ZERO) }
    }

    /// The task was created.
    pub(crate) fn reset(&self, now: Instant) {
        self.since.set(now);
        self.longest.set(Duration::ZERO);
    }

    /// A poll ended.
    pub(crate) fn polled(&self, start: Instant, end: Instant) {
        self.since.set(end);
        self.longest.set(self.longest.get().max(end - start));
    }

    pub(crate) fn since(&self) -> Instant {
        self.since.get()
    }

    pub(crate) fn longest(&self) -> Duration {
        self.longest.get()
    }
}
