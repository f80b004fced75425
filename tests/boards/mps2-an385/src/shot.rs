//! The alarm's interrupt once, for measurements. From the first shot on the clock has no alarms.

use crate::time;
use core::cell::Cell;
use critical_section::Mutex;

/// Instructions in a count, in QEMU where an instruction takes a nanosecond.
pub const GRAIN: u32 = 40;

type Function = fn();

static SHOT: Mutex<Cell<Option<Function>>> = Mutex::new(Cell::new(None));

/// Has the interrupt's handler run `f` after so many counts, at least 1. It does nothing afterwards, so that whatever `f`
/// wakes goes on as after any driver's interrupt.
pub fn after(counts: u32, f: Function) {
    critical_section::with(|cs| {
        SHOT.borrow(cs).set(Some(f));
        time::alarm_in(counts);
    });
}

/// False if the interrupt is none of a shot.
pub(crate) fn on_interrupt() -> bool {
    let Some(f) = critical_section::with(|cs| SHOT.borrow(cs).take()) else { return false };
    time::alarm_off();
    f();
    true
}
