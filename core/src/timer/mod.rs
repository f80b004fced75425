//! Timers: an intrusive heap, its nodes inside the futures that wait.

mod heap;
mod node;
mod sleep;

pub(crate) use heap::TimerHeap;
pub(crate) use node::Timer;
pub use sleep::{Sleep, YieldNow, sleep, sleep_until, yield_now};
