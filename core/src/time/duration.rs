use core::fmt;
use core::ops::{Add, AddAssign, Div, Mul, Sub, SubAssign};

use super::TICK_HZ;

/// A span of time, in ticks of [`TICK_HZ`].
///
/// A conversion to ticks rounds up, so that a wait is never shorter than what was asked for. A span too long for
/// 64 bits of ticks becomes [`Duration::MAX`], which as a timeout means "never"; [`try_from`](TryFrom) a
/// [`core::time::Duration`] reports it instead.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Duration {
    ticks: u64,
}

/// The error of a conversion whose result does not fit in 64 bits of ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DurationOverflow;

impl fmt::Display for DurationOverflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the duration does not fit in 64 bits of ticks; use Duration::MAX for \"never\"")
    }
}

impl core::error::Error for DurationOverflow {}

/// `amount` of `1 / per_second` seconds in ticks, rounded up; the largest value if it does not fit.
const fn to_ticks(amount: u64, per_second: u64) -> u64 {
    // Without 128-bit division, which costs kilobytes of code on a microcontroller: whole seconds first.
    let seconds = amount / per_second;
    let rest = amount % per_second;
    // `rest < per_second <= 10^9` and every tick rate is at most 10^10, so this can only overflow above that.
    let fraction = match rest.checked_mul(TICK_HZ) {
        Some(n) => n.div_ceil(per_second),
        None => return wide_to_ticks(amount, per_second),
    };
    seconds.saturating_mul(TICK_HZ).saturating_add(fraction)
}

const fn wide_to_ticks(amount: u64, per_second: u64) -> u64 {
    let ticks = (amount as u128 * TICK_HZ as u128).div_ceil(per_second as u128);
    if ticks > u64::MAX as u128 { u64::MAX } else { ticks as u64 }
}

/// `ticks` in units of `1 / per_second` seconds, rounded down; the largest value if it does not fit.
const fn from_ticks(ticks: u64, per_second: u64) -> u64 {
    let seconds = ticks / TICK_HZ;
    let rest = ticks % TICK_HZ;
    let fraction = match rest.checked_mul(per_second) {
        Some(n) => n / TICK_HZ,
        None => (rest as u128 * per_second as u128 / TICK_HZ as u128) as u64,
    };
    seconds.saturating_mul(per_second).saturating_add(fraction)
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self { ticks: 0 };
    /// The longest span. As a timeout or a sleep it never ends.
    pub const MAX: Self = Self { ticks: u64::MAX };

    /// A span of `ticks`.
    pub const fn from_ticks(ticks: u64) -> Self {
        Self { ticks }
    }

    /// A span of `secs` seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self { ticks: to_ticks(secs, 1) }
    }

    /// A span of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self { ticks: to_ticks(millis, 1_000) }
    }

    /// A span of `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self { ticks: to_ticks(micros, 1_000_000) }
    }

    /// A span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self { ticks: to_ticks(nanos, 1_000_000_000) }
    }

    /// The span in ticks.
    pub const fn as_ticks(self) -> u64 {
        self.ticks
    }

    /// The whole seconds of the span.
    pub const fn as_secs(self) -> u64 {
        from_ticks(self.ticks, 1)
    }

    /// The whole milliseconds of the span.
    pub const fn as_millis(self) -> u64 {
        from_ticks(self.ticks, 1_000)
    }

    /// The whole microseconds of the span.
    pub const fn as_micros(self) -> u64 {
        from_ticks(self.ticks, 1_000_000)
    }

    /// The whole nanoseconds of the span, at most `u64::MAX`.
    pub const fn as_nanos(self) -> u64 {
        from_ticks(self.ticks, 1_000_000_000)
    }

    /// Whether the span is empty.
    pub const fn is_zero(self) -> bool {
        self.ticks == 0
    }

    /// The sum, or `None` if it does not fit.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.ticks.checked_add(other.ticks) {
            Some(ticks) => Some(Self { ticks }),
            None => None,
        }
    }

    /// The difference, or zero if `other` is longer.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self { ticks: self.ticks.saturating_sub(other.ticks) }
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::MAX {
            return f.write_str("forever");
        }
        fmt::Debug::fmt(&core::time::Duration::from(*self), f)
    }
}

/// Saturates at [`Duration::MAX`].
impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { ticks: self.ticks.saturating_add(other.ticks) }
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Saturates at zero.
impl Sub for Duration {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl SubAssign for Duration {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// Saturates at [`Duration::MAX`].
impl Mul<u32> for Duration {
    type Output = Self;
    fn mul(self, factor: u32) -> Self {
        Self { ticks: self.ticks.saturating_mul(u64::from(factor)) }
    }
}

/// Rounds down. Panics if `divisor` is zero.
impl Div<u32> for Duration {
    type Output = Self;
    fn div(self, divisor: u32) -> Self {
        Self { ticks: self.ticks / u64::from(divisor) }
    }
}

impl TryFrom<core::time::Duration> for Duration {
    type Error = DurationOverflow;

    fn try_from(d: core::time::Duration) -> Result<Self, DurationOverflow> {
        let whole = d.as_secs().checked_mul(TICK_HZ).ok_or(DurationOverflow)?;
        let rest = to_ticks(u64::from(d.subsec_nanos()), 1_000_000_000);
        whole.checked_add(rest).map(Self::from_ticks).ok_or(DurationOverflow)
    }
}

impl From<Duration> for core::time::Duration {
    fn from(d: Duration) -> Self {
        let rest = d.ticks % TICK_HZ;
        Self::new(d.as_secs(), from_ticks(rest, 1_000_000_000) as u32)
    }
}
