//! The time driver, on the counter next to the hart. It has 64 bits, so it never wraps: of its lower half's wrap, which
//! a reader must not stumble over, every run sees one all the same.

use crate::{clint, metronome};
use core::cell::{Cell, RefCell};
use core::task::Waker;
use critical_section::{CriticalSection, Mutex};
use embassy_time_driver::{Driver, TICK_HZ, time_driver_impl};
use embassy_time_queue_utils::queue_generic::ConstGenericQueue;
use riscv::interrupt::Interrupt;

/// Counts in a tick.
const TICK: u64 = {
    assert!(clint::HZ.is_multiple_of(TICK_HZ), "a tick is no whole number of counts");
    clint::HZ / TICK_HZ
};
/// What the counter is started at: the lower half wraps 50 ms later.
const START: u64 = (1 << 32) - clint::HZ / 20;

/// An `embassy_time_driver::Driver` for up to 16 wakers at once; what is too many is woken early.
///
/// Wakers are woken with interrupts disabled and may ask for the time, but not schedule: that is
/// `embassy-time-queue-utils`' way, and its generic queue is what takes wakers of any executor.
struct TimeDriver {
    started: Mutex<Cell<bool>>,
    queue: Mutex<RefCell<ConstGenericQueue<16>>>,
}

impl TimeDriver {
    const fn new() -> Self {
        Self {
            started: Mutex::new(Cell::new(false)),
            queue: Mutex::new(RefCell::new(ConstGenericQueue::new())),
        }
    }

    fn start(&self) {
        critical_section::with(|cs| {
            clint::set_count(START);
            self.started.borrow(cs).set(true);
            self.dispatch(cs);
        });
    }

    fn now_in(&self, cs: CriticalSection<'_>) -> u64 {
        if self.started.borrow(cs).get() { (clint::count() - START) / TICK } else { 0 }
    }

    /// Wakes all that is due, and sets the alarm for what is next.
    fn dispatch(&self, cs: CriticalSection<'_>) {
        // What is queued before the start is seen to then.
        if !self.started.borrow(cs).get() {
            return;
        }
        let next = self.queue.borrow(cs).borrow_mut().next_expiration(self.now_in(cs));
        // An alarm that has passed meanwhile is up at once; one beyond the counter's range, or none, never comes.
        clint::set_alarm(next.saturating_mul(TICK).saturating_add(START));
    }
}

impl Driver for TimeDriver {
    fn now(&self) -> u64 {
        critical_section::with(|cs| self.now_in(cs))
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| {
            let changed = self.queue.borrow(cs).borrow_mut().schedule_wake(at, waker);
            if changed {
                self.dispatch(cs);
            }
        });
    }
}

time_driver_impl!(static DRIVER: TimeDriver = TimeDriver::new());

/// Starts the time; the caller lets the interrupt in.
pub(crate) fn start() {
    DRIVER.start();
}

/// How often the lower half of the clock's counter has wrapped; of interest to tests.
pub fn wraps() -> u32 {
    (clint::count() >> 32) as u32
}

/// Has the alarm's interrupt come before its time; of interest to tests.
pub fn early_alarm() {
    critical_section::with(|_| clint::set_alarm(0));
    // It is taken as soon as interrupts are let in, and its handler has then set the alarm anew.
}

#[riscv_rt::core_interrupt(Interrupt::MachineTimer)]
fn machine_timer() {
    if !metronome::on_interrupt() {
        dispatch();
    }
}

/// Sets the alarm for what is next; also after another use of the comparator.
pub(crate) fn dispatch() {
    critical_section::with(|cs| DRIVER.dispatch(cs));
}
