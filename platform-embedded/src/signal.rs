use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

use crate::atomic::{self, AtomicBool, Ordering};
use crate::idle::Idle;
use crate::load::Sleeps;

/// What wakes one loop: the wakers given to the loop's inbox and to the time driver.
///
/// Invariant **SIGNAL**: the data of a waker with one of the tables below is a `&'static Signal`.
pub(crate) struct Signal {
    idle: Idle,
    alarm: AtomicBool,
    sleeps: Sleeps,
}

impl Signal {
    pub(crate) const fn new() -> Self {
        Self { idle: Idle::new(), alarm: AtomicBool::new(false), sleeps: Sleeps::new() }
    }

    /// The waker that unparks the loop.
    pub(crate) fn unparker(&'static self) -> Waker {
        self.waker(&UNPARK)
    }

    /// The waker for the time driver. It is the same each time, since drivers keep one entry for each waker.
    pub(crate) fn alarm(&'static self) -> Waker {
        self.waker(&ALARM)
    }

    fn waker(&'static self, table: &'static RawWakerVTable) -> Waker {
        // SAFETY: SIGNAL holds. The tables' functions may be called in any context, and count nothing.
        unsafe { Waker::new(ptr::from_ref(self).cast(), table) }
    }

    /// Whether the alarm rang since the last call.
    pub(crate) fn take_alarm(&self) -> bool {
        atomic::take(&self.alarm)
    }

    /// Whether anything woke the loop since the last call.
    pub(crate) fn take(&self) -> bool {
        self.idle.take()
    }

    /// Sleeps until something wakes the loop. May return early.
    pub(crate) fn sleep(&self) {
        self.idle.sleep(&self.sleeps);
    }

    /// What the loop's time has gone into.
    pub(crate) fn sleeps(&self) -> &Sleeps {
        &self.sleeps
    }
}

fn signal(data: *const ()) -> &'static Signal {
    // SAFETY: SIGNAL.
    unsafe { &*data.cast() }
}

fn unpark(data: *const ()) {
    signal(data).idle.wake();
}

fn ring(data: *const ()) {
    let signal = signal(data);
    signal.alarm.store(true, Ordering::Release);
    signal.idle.wake();
}

// Statics, since wakers are compared by the address of their table.
static UNPARK: RawWakerVTable =
    RawWakerVTable::new(|data| RawWaker::new(data, &UNPARK), unpark, unpark, |_| {});
static ALARM: RawWakerVTable = RawWakerVTable::new(|data| RawWaker::new(data, &ALARM), ring, ring, |_| {});
