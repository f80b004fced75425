use embedded_hal_async::delay::DelayNs;
use everloop_core::{Duration, sleep};

/// A tick of the time driver in nanoseconds, rounded up.
const TICK: u64 = 1_000_000_000u64.div_ceil(embassy_time_driver::TICK_HZ);

/// `embedded-hal-async`'s delay: what drivers of sensors and displays ask for. It sleeps, in any loop.
///
/// A driver relies on a delay not to be too short, and the tick in which it begins has partly passed. So it takes up to a
/// tick longer than [`sleep`], which may end that much early.
///
/// ```no_run
/// use embedded_hal_async::delay::DelayNs;
/// use everloop_embedded::{Delay, Loop};
///
/// static LOOP: Loop = Loop::new();
///
/// LOOP.run(&[], async {
///     Delay.delay_ms(20).await;
/// }).unwrap();
/// ```
///
/// # Cancel safety
/// As [`sleep`]: a delay that is dropped leaves nothing behind.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// By the time driver's.
///
/// # Panics
/// Outside a running loop, when it is awaited.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Delay;

impl Delay {
    async fn nanos(ns: u64) {
        if ns > 0 {
            sleep(Duration::from_nanos(ns + TICK)).await;
        }
    }
}

impl DelayNs for Delay {
    async fn delay_ns(&mut self, ns: u32) {
        Self::nanos(u64::from(ns)).await;
    }

    async fn delay_us(&mut self, us: u32) {
        Self::nanos(u64::from(us) * 1_000).await;
    }

    async fn delay_ms(&mut self, ms: u32) {
        Self::nanos(u64::from(ms) * 1_000_000).await;
    }
}
