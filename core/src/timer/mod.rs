//! Timers: an intrusive heap, its nodes inside the futures that wait.

mod heap;
mod interval;
mod node;
mod sleep;
mod ticks;
#[cfg(feature = "std")]
mod wheel;

pub(crate) use heap::TimerHeap;
pub use interval::{Interval, MissedTicks, Tick, interval, interval_at};
pub(crate) use node::Timer;
pub use sleep::{Sleep, YieldNow, sleep, sleep_until, yield_now};
pub use ticks::Ticks;
