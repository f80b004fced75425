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
    /// The state of the dice that order the tasks of a turn, if they are to be shuffled.
    dice: Cell<Option<u64>>,
}

impl VirtualTime {
    /// A clock that begins at zero.
    pub const fn new() -> Self {
        Self { now: Cell::new(0), dice: Cell::new(None) }
    }

    /// As [`new`](Self::new), but that the tasks that are ready in one turn run in a random order, the same for the same
    /// `seed`: to shake out what depends on an order that nobody promised.
    ///
    /// ```
    /// use everloop_core::{EventLoop, TaskPool, create_task, virtual_time::{UNPARKER, VirtualTime}};
    /// use std::sync::Mutex;
    ///
    /// static POOL: TaskPool<8, 64> = TaskPool::new();
    /// static LOOP: EventLoop = EventLoop::new(UNPARKER);
    /// static ORDER: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    ///
    /// let mut orders = Vec::new();
    /// for seed in [1, 2, 1] {
    ///     LOOP.run(&VirtualTime::seeded(seed), &[&POOL], async {
    ///         let tasks = std::array::from_fn::<_, 8, _>(|n| create_task(async move { ORDER.lock().unwrap().push(n as u32) }));
    ///         for task in tasks {
    ///             task.await.unwrap();
    ///         }
    ///     }).unwrap();
    ///     orders.push(std::mem::take(&mut *ORDER.lock().unwrap()));
    /// }
    /// assert_ne!(orders[0], orders[1]);
    /// assert_eq!(orders[0], orders[2]);
    /// ```
    pub const fn seeded(seed: u64) -> Self {
        Self { now: Cell::new(0), dice: Cell::new(Some(seed)) }
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

    fn shuffles(&self) -> bool {
        self.dice.get().is_some()
    }

    fn pick(&self, ready: usize) -> usize {
        // SplitMix64: one word of state, and every seed is as good as another.
        let state = self.dice.get().unwrap_or(0).wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.dice.set(Some(state));
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % ready.max(1) as u64) as usize
    }
}

/// The unparker for loops in virtual time, which never sleep.
///
/// A wake from another thread is taken in at the next turn; there is nothing to wake the thread from.
// SAFETY: the table's functions ignore their data and do nothing.
pub const UNPARKER: Waker = unsafe { Waker::new(ptr::null(), &IDLE) };

static IDLE: RawWakerVTable =
    RawWakerVTable::new(|_| RawWaker::new(ptr::null(), &IDLE), |_| {}, |_| {}, |_| {});
