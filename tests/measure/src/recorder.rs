//! The program's critical section: it masks interrupts, and takes note of how long.

use crate::meter::{between, ticks};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed};
use critical_section::{Impl, RawRestoreState, set_impl};

/// So many sections of one call are told apart.
const SECTIONS: usize = 512;

/// Loads and stores suffice: all of it is touched with interrupts masked, or by the one who measures.
struct Record {
    /// Whether sections are noted.
    on: AtomicBool,
    /// The counts of the longest since the last `take_worst`, whoever's it is.
    worst: AtomicU32,
    /// How many sections are around the calling code.
    depth: AtomicUsize,
    /// The count at which the outermost began.
    since: AtomicU32,
    /// How many began since the last `start`.
    sections: AtomicUsize,
    /// Of each the sum of counts over all repetitions of the call.
    counts: [AtomicU32; SECTIONS],
}

static RECORD: Record = Record {
    on: AtomicBool::new(false),
    worst: AtomicU32::new(0),
    depth: AtomicUsize::new(0),
    since: AtomicU32::new(0),
    sections: AtomicUsize::new(0),
    counts: [const { AtomicU32::new(0) }; SECTIONS],
};

/// Takes note from here on; the sections that follow are the same as after the last `start`, in the same order.
pub(crate) fn start() {
    RECORD.sections.store(0, Relaxed);
    RECORD.on.store(true, Relaxed);
}

/// Takes no more note.
pub(crate) fn stop() {
    RECORD.on.store(false, Relaxed);
}

/// How many sections there were, and the sum of the counts of the longest, over all repetitions since the last look.
pub(crate) fn take() -> (usize, u32) {
    let sections = RECORD.sections.load(Relaxed);
    let longest = RECORD.counts.iter().map(|counts| counts.swap(0, Relaxed)).max();
    (sections, longest.unwrap_or(0))
}

/// The counts of the longest section since the last look, in whatever context.
pub(crate) fn take_worst() -> u32 {
    RECORD.worst.swap(0, Relaxed)
}

struct Recorder;

set_impl!(Recorder);

// SAFETY: interrupts are masked from `acquire` to the `release` of the outermost section, on a machine with one core.
unsafe impl Impl for Recorder {
    unsafe fn acquire() -> RawRestoreState {
        let enabled = mask();
        let depth = RECORD.depth.load(Relaxed);
        RECORD.depth.store(depth + 1, Relaxed);
        if depth == 0 {
            RECORD.since.store(ticks(), Relaxed);
        }
        enabled
    }

    unsafe fn release(enabled: RawRestoreState) {
        let now = ticks();
        let depth = RECORD.depth.load(Relaxed) - 1;
        RECORD.depth.store(depth, Relaxed);
        if depth == 0 {
            let counts = between(RECORD.since.load(Relaxed), now);
            RECORD.worst.store(RECORD.worst.load(Relaxed).max(counts), Relaxed);
            if RECORD.on.load(Relaxed) {
                let section = RECORD.sections.load(Relaxed);
                RECORD.sections.store(section + 1, Relaxed);
                let sum = &RECORD.counts[section];
                sum.store(sum.load(Relaxed) + counts, Relaxed);
            }
        }
        if enabled {
            unmask();
        }
    }
}

/// Masks interrupts. Whether they were not.
#[cfg(target_arch = "riscv32")]
#[inline(always)]
fn mask() -> bool {
    let mstatus: usize;
    // SAFETY: disables interrupts, and is a barrier to the compiler.
    unsafe { core::arch::asm!("csrrci {}, mstatus, 8", out(reg) mstatus, options(nostack, preserves_flags)) };
    mstatus & 8 != 0
}

#[cfg(target_arch = "riscv32")]
#[inline(always)]
fn unmask() {
    // SAFETY: they were enabled before `mask`.
    unsafe { core::arch::asm!("csrsi mstatus, 8", options(nostack, preserves_flags)) };
}

/// Masks interrupts. Whether they were not.
#[cfg(target_arch = "arm")]
#[inline(always)]
fn mask() -> bool {
    let primask: usize;
    // SAFETY: disables interrupts, and is a barrier to the compiler.
    unsafe {
        core::arch::asm!("mrs {}, PRIMASK", "cpsid i", out(reg) primask, options(nostack, preserves_flags));
    }
    primask & 1 == 0
}

#[cfg(target_arch = "arm")]
#[inline(always)]
fn unmask() {
    // SAFETY: they were enabled before `mask`.
    unsafe { core::arch::asm!("cpsie i", options(nostack, preserves_flags)) };
}
