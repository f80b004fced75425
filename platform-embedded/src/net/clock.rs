//! Core's ticks and smoltcp's microseconds.

use everloop_core::{Duration, Instant};
use smoltcp::time;

use super::config::Config;

/// Longer ones would overflow smoltcp's arithmetic.
const LONGEST: u64 = 30 * 24 * 3600 * 1_000_000;

/// Rounded down, as smoltcp's clock: it fires nothing early.
pub(super) fn to_smoltcp(at: Instant) -> time::Instant {
    let micros = Duration::from_ticks(at.as_ticks()).as_micros();
    time::Instant::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// The first tick at which smoltcp's clock has reached `at`.
pub(super) fn from_smoltcp(at: time::Instant) -> Instant {
    let micros = u64::try_from(at.total_micros()).unwrap_or(0);
    // `from_micros` rounds up.
    Instant::from_ticks(Duration::from_micros(micros).as_ticks())
}

pub(super) fn span(span: Duration) -> time::Duration {
    time::Duration::from_micros(span.as_micros().clamp(1_000, LONGEST))
}

/// Between probes of an idle peer.
pub(super) fn keep_alive(config: &Config) -> time::Duration {
    span(config.timeout) / 4
}
