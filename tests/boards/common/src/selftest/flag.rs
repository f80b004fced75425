//! A waker that notes when it was woken.

use core::cell::Cell;
use core::task::{RawWaker, RawWakerVTable, Waker};
use critical_section::Mutex;
use embassy_time_driver::{now, schedule_wake};

/// Notes when its waker was woken first since it was cleared, and how often.
pub struct Flag(Mutex<Cell<(u64, u32)>>);

static VTABLE: RawWakerVTable =
    RawWakerVTable::new(|flag| RawWaker::new(flag, &VTABLE), raise, raise, |_| ());

fn raise(flag: *const ()) {
    // SAFETY: `Flag::waker`, which alone uses this table, put a `&'static Flag` into the pointer.
    let flag = unsafe { &*flag.cast::<Flag>() };
    let now = now();
    critical_section::with(|cs| {
        let cell = flag.0.borrow(cs);
        let (first, wakes) = cell.get();
        cell.set((if wakes == 0 { now } else { first }, wakes + 1));
    });
}

impl Flag {
    /// Not woken.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(Mutex::new(Cell::new((0, 0))))
    }

    /// The flag's waker; all of them are the same to a timer queue.
    pub fn waker(&'static self) -> Waker {
        let data = core::ptr::from_ref(self).cast();
        // SAFETY: the table's functions need a `&'static Flag`, may be called in any context, and own nothing.
        unsafe { Waker::new(data, &VTABLE) }
    }

    /// Forgets all wakes.
    pub fn clear(&self) {
        critical_section::with(|cs| self.0.borrow(cs).set((0, 0)));
    }

    /// How often it was woken.
    pub fn wakes(&self) -> u32 {
        critical_section::with(|cs| self.0.borrow(cs).get()).1
    }

    /// When it was woken first.
    pub fn woken_at(&self) -> Option<u64> {
        let (at, wakes) = critical_section::with(|cs| self.0.borrow(cs).get());
        (wakes > 0).then_some(at)
    }
}

/// Wakes [`wait_until`] at its limit.
static LIMIT: Flag = Flag::new();

/// Sets the alarm of the limit ahead of an alarm that is tested: set after it, it would set the tested one once more,
/// and hide that it was lost.
pub(super) fn set_limit(at: u64) {
    LIMIT.clear();
    schedule_wake(at, &LIMIT.waker());
}

/// Sleeps until `done`, which only interrupts may bring about; false if that took longer than `limit` ticks. Also
/// says how often it slept.
pub fn wait_until(limit: u64, mut done: impl FnMut() -> bool) -> (bool, u32) {
    let limit = now() + limit;
    let mut sleeps = 0;
    loop {
        if done() {
            return (true, sleeps);
        }
        if now() >= limit {
            return (false, sleeps);
        }
        set_limit(limit);
        crate::sleep_unless(|| done() || LIMIT.wakes() > 0);
        sleeps += 1;
    }
}
