//! The system's time, which may jump: this program has a `clock_gettime` of its own, which the standard library and every
//! crate call. For Linux with 64 bits.
#![allow(dead_code, missing_docs)]

use std::cell::Cell;
use std::time::SystemTime;

pub const HOUR: i64 = 3600;
pub const YEAR: i64 = 365 * 24 * HOUR;

std::thread_local! {
    /// How far the system's time is off for this thread, in seconds: other tests run in other threads.
    static JUMPED: Cell<i64> = const { Cell::new(0) };
    static READINGS: Cell<usize> = const { Cell::new(0) };
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    // SAFETY: by the caller.
    unsafe {
        let result = libc::syscall(libc::SYS_clock_gettime, clock, time) as libc::c_int;
        if result == 0
            && matches!(clock, libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI)
        {
            READINGS.set(READINGS.get() + 1);
            (*time).tv_sec += JUMPED.get();
        }
        result
    }
}

/// From now on the system's time is off by so many seconds, for this thread.
pub fn jump(seconds: i64) {
    let before = SystemTime::now();
    let by = seconds - JUMPED.replace(seconds);
    // If it did not jump, nothing would be tested.
    let off = match SystemTime::now().duration_since(before) {
        Ok(forward) => forward.as_secs() as i64,
        Err(backward) => -(backward.duration().as_secs() as i64),
    };
    assert!((off - by).abs() <= HOUR / 2, "it jumped by {off} s, not by {by}");
}

/// How often this thread has read the system's time.
pub fn readings() -> usize {
    READINGS.get()
}
