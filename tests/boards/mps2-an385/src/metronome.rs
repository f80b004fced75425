//! The alarm's interrupt at even intervals, for measurements. Meanwhile the clock has no alarms.

use crate::time;
use core::cell::Cell;
use critical_section::Mutex;

/// Nanoseconds in a count, of which intervals are multiples.
pub const GRAIN: u32 = 40;
/// So many counts the program has to itself, however late the handler is.
const LEAST: u32 = 1;

#[derive(Clone, Copy)]
struct Beat {
    interval: u32,
    /// In counts of the clock, which begin again at `COUNTS`.
    due: u32,
    late: u32,
    f: fn(),
}

static BEAT: Mutex<Cell<Option<Beat>>> = Mutex::new(Cell::new(None));

/// Has an interrupt handler run `f` every so many nanoseconds, until [`stop`].
pub fn start(nanoseconds: u32, f: fn()) {
    critical_section::with(|cs| {
        let interval = nanoseconds / GRAIN;
        BEAT.borrow(cs).set(Some(Beat { interval, due: after(time::count(), interval), late: 0, f }));
        time::alarm_in(interval);
    });
}

/// The clock has its alarms back. How often the interval was over before the handler was.
pub fn stop() -> u32 {
    let beat = critical_section::with(|cs| BEAT.borrow(cs).take());
    time::dispatch();
    beat.map_or(0, |beat| beat.late)
}

/// False if the interrupt is the clock's.
pub(crate) fn on_interrupt() -> bool {
    let Some(mut beat) = critical_section::with(|cs| BEAT.borrow(cs).get()) else { return false };
    (beat.f)();
    beat.due = after(beat.due, beat.interval);
    let now = time::count();
    let left = after(time::COUNTS - now, beat.due);
    // What lies more than half of the clock's round ahead has been.
    let wait = if (LEAST..time::COUNTS / 2).contains(&left) {
        left
    } else {
        beat.due = after(now, LEAST);
        beat.late += 1;
        LEAST
    };
    critical_section::with(|cs| BEAT.borrow(cs).set(Some(beat)));
    time::alarm_in(wait);
    true
}

fn after(count: u32, counts: u32) -> u32 {
    ((u64::from(count) + u64::from(counts)) % u64::from(time::COUNTS)) as u32
}
