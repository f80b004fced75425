//! The time driver: a counter and an alarm made into what `embassy-time-driver` asks for.

use core::cell::{Cell, RefCell};
use core::task::Waker;
use critical_section::{CriticalSection, Mutex};
use embassy_time_driver::{Driver, TICK_HZ};
use embassy_time_queue_utils::queue_generic::ConstGenericQueue;

/// A counter that runs up from 0 to `PERIOD - 1`, then starts again, and remembers that it did.
pub trait Counter: Send + Sync + 'static {
    /// Counts in a second.
    const HZ: u32;
    /// Counts until it wraps: a whole number of ticks.
    const PERIOD: u32;

    /// Counts since the last wrap.
    fn count(&self) -> u32;

    /// Whether it wrapped since the last call. Must turn true no later than `count` starts again, and raise an
    /// interrupt that calls [`TimeDriver::on_wrap`].
    fn take_wrap(&self) -> bool;
}

/// A timer that raises one interrupt, whose handler calls [`TimeDriver::on_alarm`].
pub trait Alarm: Send + Sync + 'static {
    /// Counts in a second.
    const HZ: u32;
    /// The longest wait.
    const MAX: u32;

    /// Raises the interrupt when `counts` have passed, at least 1; forgets an earlier order.
    fn start(&self, counts: u32);

    /// Forgets an earlier order, and takes back the interrupt if it is up. An interrupt that the processor has taken
    /// note of comes all the same, which does no harm.
    fn stop(&self);
}

/// An `embassy_time_driver::Driver` for up to `N` wakers at once; what is too many is woken early.
///
/// Wakers are woken with interrupts masked and may ask for the time, but not schedule: that is
/// `embassy-time-queue-utils`' way, and its generic queue is what takes wakers of any executor.
pub struct TimeDriver<C, A, const N: usize = 16> {
    counter: C,
    alarm: A,
    /// The time of the counter's last wrap; `None` until `start`. Modulo 2⁶⁴: the first period may begin before 0.
    wrapped_at: Mutex<Cell<Option<u64>>>,
    wraps: Mutex<Cell<u32>>,
    queue: Mutex<RefCell<ConstGenericQueue<N>>>,
}

impl<C: Counter, A: Alarm, const N: usize> TimeDriver<C, A, N> {
    /// Ticks are `COUNT.0 / COUNT.1` counts, in lowest terms.
    const COUNT: (u32, u32) = ratio(C::HZ);
    const PERIOD: u32 = {
        let (counts, ticks) = Self::COUNT;
        assert!(C::PERIOD.is_multiple_of(counts), "the counter's period is no whole number of ticks");
        assert!(C::PERIOD <= u32::MAX / ticks, "the counter's period is too long to be converted in 32 bits");
        C::PERIOD / counts * ticks
    };
    /// Likewise for the alarm.
    const ALARM: (u32, u32) = ratio(A::HZ);
    /// The longest wait in ticks, such that converting it does not overflow either; a deadline further away is looked
    /// at again then.
    const LONGEST: u32 = {
        let (counts, ticks) = Self::ALARM;
        let by_alarm = A::MAX as u64 * ticks as u64 / counts as u64;
        let by_width = (u32::MAX / counts) as u64 - 1;
        let least = if by_alarm < by_width { by_alarm } else { by_width };
        assert!(least > 0, "the alarm cannot wait for a single tick");
        least as u32
    };

    /// For a `static`; until [`start`](Self::start) the time is 0.
    pub const fn new(counter: C, alarm: A) -> Self {
        Self {
            counter,
            alarm,
            wrapped_at: Mutex::new(Cell::new(None)),
            wraps: Mutex::new(Cell::new(0)),
            queue: Mutex::new(RefCell::new(ConstGenericQueue::new())),
        }
    }

    /// Time begins; the counter runs already, and has just begun a period or was set to a place within one.
    pub fn start(&self) {
        critical_section::with(|cs| {
            // A wrap from before is none of ours.
            self.counter.take_wrap();
            let since = ticks(self.counter.count(), Self::COUNT);
            self.wrapped_at.borrow(cs).set(Some(0u64.wrapping_sub(since)));
            self.dispatch(cs);
        });
    }

    /// To be called by the counter's interrupt. (Whoever asks for the time counts a wrap too; the interrupt sees to
    /// it that somebody asks in every period.)
    pub fn on_wrap(&self) {
        critical_section::with(|cs| self.now_in(cs));
    }

    /// To be called by the alarm's interrupt, and harmless at any other time.
    pub fn on_alarm(&self) {
        critical_section::with(|cs| {
            self.alarm.stop();
            self.dispatch(cs);
        });
    }

    /// How often the counter has wrapped.
    pub fn wraps(&self) -> u32 {
        critical_section::with(|cs| {
            self.now_in(cs);
            self.wraps.borrow(cs).get()
        })
    }

    /// The critical section lets no one else see the wrap between us reading the counter and the flag.
    fn now_in(&self, cs: CriticalSection<'_>) -> u64 {
        let cell = self.wrapped_at.borrow(cs);
        let Some(mut wrapped_at) = cell.get() else { return 0 };
        let mut count = self.counter.count();
        if self.counter.take_wrap() {
            // The count may be from before or after the wrap; a new one is from after it.
            count = self.counter.count();
            wrapped_at = wrapped_at.wrapping_add(u64::from(Self::PERIOD));
            cell.set(Some(wrapped_at));
            let wraps = self.wraps.borrow(cs);
            wraps.set(wraps.get().wrapping_add(1));
        }
        wrapped_at.wrapping_add(ticks(count, Self::COUNT))
    }

    /// Wakes all that is due, and sets the alarm for what is next.
    fn dispatch(&self, cs: CriticalSection<'_>) {
        // Before the start the alarm may not even be accessible; what is queued then is seen to at the start.
        if self.wrapped_at.borrow(cs).get().is_none() {
            return;
        }
        loop {
            let next = self.queue.borrow(cs).borrow_mut().next_expiration(self.now_in(cs));
            if next == u64::MAX {
                return self.alarm.stop();
            }
            // A deadline that passed meanwhile is not for the alarm, which would count from now. One that passes
            // after this line is: the alarm then is up as soon as interrupts are let in.
            if let Some(wait @ 1..) = next.checked_sub(self.now_in(cs)) {
                let wait = wait.min(u64::from(Self::LONGEST)) as u32;
                return self.alarm.start(counts(wait, Self::ALARM));
            }
        }
    }
}

impl<C: Counter, A: Alarm, const N: usize> Driver for TimeDriver<C, A, N> {
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

/// How many counts are how many ticks, in lowest terms.
const fn ratio(hz: u32) -> (u32, u32) {
    assert!(TICK_HZ <= u32::MAX as u64);
    let (mut a, mut b) = (hz, TICK_HZ as u32);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (hz / a, TICK_HZ as u32 / a)
}

/// Rounded down: a moment belongs to the tick that has begun.
fn ticks(count: u32, (counts, ticks): (u32, u32)) -> u64 {
    u64::from(count * ticks / counts)
}

/// Rounded up: no wait may end early.
fn counts(wait: u32, (counts, ticks): (u32, u32)) -> u32 {
    (wait * counts).div_ceil(ticks)
}
