//! Points and spans of time in the runtime's own ticks.

mod duration;
mod instant;

pub use duration::{Duration, DurationOverflow};
pub use instant::Instant;

/// Ticks in one second: nanoseconds with the `std` feature, otherwise the rate that `embassy-time-driver` was
/// built with (its `tick-hz-*` features; one million if none is set).
pub const TICK_HZ: u64 = if cfg!(feature = "std") { 1_000_000_000 } else { embassy_time_driver::TICK_HZ };
