//! A platform for tests: when all is idle the clock jumps to the next deadline, so that an hour's sleep costs
//! nothing and every run is the same.

use core::cell::Cell;
use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

use crate::platform::{Platform, Wait};
use crate::{Duration, Instant};

/// A clock that only moves when every task waits, and then to the next deadline.
///
/// ```
/// use everloop_core::{Duration, EventLoop, Instant, sleep, virtual_time::{UNPARKER, VirtualTime}};
///
/// static LOOP: EventLoop = EventLoop::new(UNPARKER);
///
/// let hour = Duration::from_secs(3600);
/// let end = LOOP.run(&VirtualTime::new(), &[], async move {
///     sleep(hour).await;
///     Instant::now()
/// });
/// assert_eq!(end, Ok(Instant::from_ticks(0) + hour));
/// ```
#[derive(Debug, Default)]
pub struct VirtualTime {
    now: Cell<u64>,
}

impl VirtualTime {
    /// A clock that begins at zero.
    pub const fn new() -> Self {
        Self { now: Cell::new(0) }
    }

    /// Moves the clock on, as if the program had computed for that long.
    pub fn advance(&self, span: Duration) {
        self.now.set((self.now() + span).as_ticks());
    }
}

impl Platform for VirtualTime {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.now.get())
    }

    /// # Panics
    /// If all tasks wait and no timer is set: nothing in a virtual world could ever wake them.
    fn park(&self, wait: Wait) {
        match wait {
            Wait::Poll => {}
            Wait::Until(deadline) => self.now.set(self.now.get().max(deadline.as_ticks())),
            Wait::Forever => panic!("deadlock: every task waits and no timer is set"),
        }
    }
}

/// The unparker for loops in virtual time, which never sleep.
///
/// A wake from another thread is taken in at the next turn; there is nothing to wake the thread from.
// SAFETY: the table's functions ignore their data and do nothing.
pub const UNPARKER: Waker = unsafe { Waker::new(ptr::null(), &IDLE) };

static IDLE: RawWakerVTable =
    RawWakerVTable::new(|_| RawWaker::new(ptr::null(), &IDLE), |_| {}, |_| {}, |_| {});
