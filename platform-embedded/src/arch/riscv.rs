use core::arch::asm;

use crate::load::Sleeps;

/// `mstatus.MIE`: interrupts are enabled.
const MIE: usize = 1 << 3;

#[cfg(not(feature = "custom-context"))]
pub(crate) fn context() -> crate::Context {
    let mstatus: usize;
    // SAFETY: reads a register, nothing else.
    unsafe { asm!("csrr {}, mstatus", out(reg) mstatus, options(nomem, nostack, preserves_flags)) };
    // A trap clears the bit, so with it set this is no handler. With it clear it may be one, or a critical section.
    crate::Context { core: 0, level: (mstatus & MIE != 0).then_some(0) }
}

/// Sleeps until an interrupt comes, unless `ready`, also if that interrupt comes right after `ready` has said no.
pub(crate) fn wait_unless(ready: impl FnOnce() -> bool, sleeps: &Sleeps) {
    let mstatus: usize;
    // SAFETY: disables interrupts until the end of this function, and is a barrier to the compiler.
    unsafe { asm!("csrrci {}, mstatus, 8", out(reg) mstatus, options(nostack, preserves_flags)) };
    if !ready() {
        sleeps.fall_asleep();
        // A pending interrupt ends this although they are disabled, so one that came since then is not missed.
        // SAFETY: waits, and `fence` has what was written so far reach memory first.
        unsafe { asm!("fence", "wfi", options(nostack, preserves_flags)) };
        sleeps.wake_up();
    }
    // SAFETY: puts the bit back as it was when this function began.
    unsafe { asm!("csrs mstatus, {}", in(reg) mstatus & MIE, options(nostack, preserves_flags)) };
}

/// Has other cores look again: there is no instruction for that.
pub(crate) fn notify() {}
