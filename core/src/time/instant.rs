use core::ops::{Add, AddAssign, Sub};

use super::Duration;

/// A point in time, in ticks since the platform's own zero. Never goes backwards on one platform; instants of
/// different platforms are not comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Instant {
    ticks: u64,
}

impl Instant {
    /// A point no clock reaches: a timer set for it never fires.
    pub const FAR_FUTURE: Self = Self { ticks: u64::MAX };

    /// The point `ticks` after the platform's zero.
    pub const fn from_ticks(ticks: u64) -> Self {
        Self { ticks }
    }

    /// Ticks since the platform's zero.
    pub const fn as_ticks(self) -> u64 {
        self.ticks
    }

    /// The time now, by the clock of the running loop. asyncio's `loop.time()`.
    ///
    /// # Panics
    /// Outside a running loop, where there is no clock; see [`try_now`](Self::try_now).
    #[track_caller]
    pub fn now() -> Self {
        match Self::try_now() {
            Some(now) => now,
            None => {
                panic!("no running event loop: Instant::now() reads the clock of the loop it is called in")
            }
        }
    }

    /// The time now, or `None` outside a running loop.
    pub fn try_now() -> Option<Self> {
        crate::current::with(|l| l.now())
    }

    /// The span since `earlier`, or zero if that is later.
    pub const fn duration_since(self, earlier: Self) -> Duration {
        Duration::from_ticks(self.ticks.saturating_sub(earlier.ticks))
    }

    /// The span since this instant, by the clock of the running loop.
    ///
    /// # Panics
    /// Outside a running loop.
    #[track_caller]
    pub fn elapsed(self) -> Duration {
        Self::now().duration_since(self)
    }
}

/// Saturates at [`Instant::FAR_FUTURE`].
impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self { ticks: self.ticks.saturating_add(span.as_ticks()) }
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

/// Saturates at the platform's zero.
impl Sub<Duration> for Instant {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self { ticks: self.ticks.saturating_sub(span.as_ticks()) }
    }
}

/// Zero if `earlier` is later; see [`duration_since`](Instant::duration_since).
impl Sub for Instant {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}
