use everloop_core::{Duration, Instant};

/// The points in time of something periodic, all on one grid: lateness at one does not move the next.
#[derive(Clone, Copy, Debug)]
pub struct Ticks {
    next: Instant,
    period: Duration,
}

impl Ticks {
    /// A grid through `start`, which is its first point.
    ///
    /// # Panics
    /// If the period is zero.
    pub fn new(start: Instant, period: Duration) -> Self {
        assert!(!period.is_zero(), "something periodic needs a period");
        Self { next: start, period }
    }

    /// The point that is due next.
    pub fn due(&self) -> Instant {
        self.next
    }

    /// Goes on to the next point after `now`. Points that were missed are left out, not made up for in a burst.
    pub fn advance(&mut self, now: Instant) {
        self.next += self.period;
        if self.next <= now {
            let late = now.duration_since(self.next).as_ticks();
            let period = self.period.as_ticks();
            self.next += Duration::from_ticks(late - late % period + period);
        }
    }
}
