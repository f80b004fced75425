//! The instructions of a call in an interrupt handler.

use crate::Board;
use crate::meter::{PHASES, align, between, ticks};
use core::arch::asm;
use core::cell::Cell;
use critical_section::Mutex;

/// What the handler is to do, and what it found.
#[derive(Clone, Copy)]
struct Job {
    arm: fn(),
    call: fn(),
    phase: u32,
    counts: u32,
}

static JOB: Mutex<Cell<Job>> =
    Mutex::new(Cell::new(Job { arm: nothing, call: nothing, phase: 0, counts: 0 }));

/// Has an interrupt handler call `arm` and then, at one of the [`PHASES`] places between two counts, `call`. The sum
/// of what this gives for all of them is the instructions of the second call, and of what is around it.
pub(crate) fn counts(board: &Board, arm: fn(), call: fn(), phase: u32) -> u32 {
    critical_section::with(|cs| JOB.borrow(cs).set(Job { arm, call, phase, counts: 0 }));
    (board.in_interrupt)(handler);
    critical_section::with(|cs| JOB.borrow(cs).get().counts)
}

fn handler() {
    let mut job = critical_section::with(|cs| JOB.borrow(cs).get());
    (job.arm)();
    align(job.phase);
    #[cfg(feature = "recorder")]
    crate::recorder::start();
    job.counts = timed(job.call);
    #[cfg(feature = "recorder")]
    crate::recorder::stop();
    critical_section::with(|cs| JOB.borrow(cs).set(job));
}

/// Never inlined, so that what is around the call is always the same.
#[inline(never)]
fn timed(call: fn()) -> u32 {
    let from = ticks();
    call();
    between(from, ticks())
}

/// A call of nothing, whose count is what is around a call.
pub(crate) fn nothing() {}

/// The sum over all phases.
pub(crate) fn whole(board: &Board, call: fn()) -> u32 {
    (0..PHASES).map(|phase| counts(board, nothing, call, phase)).sum()
}

/// Makes sure that it is instructions that are counted, all of them and no others.
///
/// # Panics
///
/// If not: without `-icount shift=0`, say.
pub(crate) fn check(board: &Board) {
    macro_rules! nops {
        ($count:literal) => {
            // SAFETY: does nothing.
            ($count, || unsafe { asm!(concat!(".rept ", $count), "nop", ".endr", options(nomem, nostack)) })
        };
    }
    let around = whole(board, nothing);
    let calls: [(u32, fn()); 5] = [nops!(1), nops!(2), nops!(39), nops!(40), nops!(1001)];
    for (instructions, call) in calls {
        let counted = whole(board, call) - around;
        assert_eq!(
            counted, instructions,
            "an instruction has to take a nanosecond: QEMU's `-icount shift=0`"
        );
    }
}
