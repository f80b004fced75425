//! The timer's interrupt at even intervals, for measurements. Meanwhile the clock has no alarms.

use crate::{clint, time};
use core::cell::Cell;
use critical_section::Mutex;

/// Nanoseconds in a count, of which intervals are multiples.
pub const GRAIN: u32 = (1_000_000_000 / clint::HZ) as u32;
/// So many counts the program has to itself, however late the handler is.
const LEAST: u64 = 1;

#[derive(Clone, Copy)]
struct Beat {
    interval: u64,
    due: u64,
    late: u32,
    f: fn(),
}

static BEAT: Mutex<Cell<Option<Beat>>> = Mutex::new(Cell::new(None));

/// Has an interrupt handler run `f` every so many nanoseconds, until [`stop`].
pub fn start(nanoseconds: u32, f: fn()) {
    critical_section::with(|cs| {
        let interval = u64::from(nanoseconds / GRAIN);
        let due = clint::count() + interval;
        BEAT.borrow(cs).set(Some(Beat { interval, due, late: 0, f }));
        clint::set_alarm(due);
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
    beat.due += beat.interval;
    let soonest = clint::count() + LEAST;
    if beat.due < soonest {
        beat.due = soonest;
        beat.late += 1;
    }
    critical_section::with(|cs| BEAT.borrow(cs).set(Some(beat)));
    clint::set_alarm(beat.due);
    true
}
