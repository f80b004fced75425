use core::cell::Cell;
use core::task::Waker;

use everloop_core::platform::{Platform, Wait};
use everloop_core::{Instant, TICK_HZ};

use crate::signal::Signal;

/// The rate of the time driver. It is also core's, unless that counts nanoseconds on a host.
const DRIVER_HZ: u64 = embassy_time_driver::TICK_HZ;

/// The driver's time in core's ticks, rounded down: a clock that lags by less than a tick fires nothing early.
pub(crate) fn from_driver(at: u64) -> Instant {
    Instant::from_ticks(if DRIVER_HZ == TICK_HZ {
        at
    } else {
        let ticks = u128::from(at) * u128::from(TICK_HZ) / u128::from(DRIVER_HZ);
        u64::try_from(ticks).unwrap_or(u64::MAX)
    })
}

/// The first of the driver's ticks that is not before `at`.
pub(crate) fn to_driver(at: Instant) -> u64 {
    if DRIVER_HZ == TICK_HZ {
        at.as_ticks()
    } else {
        let ticks = (u128::from(at.as_ticks()) * u128::from(DRIVER_HZ)).div_ceil(u128::from(TICK_HZ));
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }
}

/// The time now.
pub(crate) fn clock() -> Instant {
    from_driver(embassy_time_driver::now())
}

/// Has the driver wake this waker at `at`, unless it will: `armed` is what it was last asked for, and `rang` whether it has
/// woken since.
///
/// A driver's queue keeps the earlier of two times for the same waker. So it may ring for a deadline that was since given
/// up, and then no longer knows of the later one: after each ring it is asked again.
pub(crate) fn arm(at: u64, armed: &Cell<Option<u64>>, rang: bool, waker: impl FnOnce() -> Waker) {
    if rang {
        armed.set(None);
    }
    if armed.get() != Some(at) {
        armed.set(Some(at));
        embassy_time_driver::schedule_wake(at, &waker());
    }
}

/// The platform of a loop: the clock of the program's `embassy-time-driver`, and a sleep until an interrupt.
pub(crate) struct TimeDriver {
    signal: &'static Signal,
    /// When the driver was asked to ring, in its ticks, if it has not yet.
    armed: Cell<Option<u64>>,
}

impl TimeDriver {
    pub(crate) const fn new(signal: &'static Signal) -> Self {
        Self { signal, armed: Cell::new(None) }
    }
}

impl Platform for TimeDriver {
    fn now(&self) -> Instant {
        clock()
    }

    fn park(&self, wait: Wait) {
        let deadline = match wait {
            Wait::Poll => return,
            Wait::Until(deadline) => Some(to_driver(deadline)).filter(|at| *at != u64::MAX),
            Wait::Forever => None,
        };
        // A ring of the driver counts as a wake, also if it comes early: the loop parks again. An interrupt that woke
        // nobody ends a sleep and not the wait.
        while !self.signal.take() {
            if let Some(at) = deadline {
                arm(at, &self.armed, self.signal.take_alarm(), || self.signal.alarm());
                // After arming, since a driver need not ring for what has passed.
                if embassy_time_driver::now() >= at {
                    return;
                }
            }
            self.signal.sleep();
        }
    }
}
