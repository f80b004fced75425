use core::arch::asm;

use crate::load::Sleeps;

#[cfg(not(feature = "custom-context"))]
pub(crate) fn context() -> crate::Context {
    let ipsr: u32;
    // SAFETY: reads a register, nothing else.
    unsafe { asm!("mrs {}, IPSR", out(reg) ipsr, options(nomem, nostack, preserves_flags)) };
    // The number of the active exception takes nine bits; zero is thread mode.
    crate::Context { core: 0, level: Some(ipsr as u16) }
}

/// Sleeps until an interrupt comes, which is not yet handled when the sleep is counted, unless `ready`, also if that interrupt comes right after `ready` has said no.
#[cfg(not(feature = "custom-context"))]
pub(crate) fn wait_unless(ready: impl FnOnce() -> bool, sleeps: &Sleeps) {
    let masked: u32;
    // SAFETY: masks interrupts until the end of this function, and is a barrier to the compiler.
    unsafe { asm!("mrs {}, PRIMASK", "cpsid i", out(reg) masked, options(nostack, preserves_flags)) };
    if !ready() {
        sleeps.fall_asleep();
        // A pending interrupt ends this although it is masked, so one that came since the mask was set is not missed.
        // SAFETY: waits, and `dsb` has what was written so far reach memory first.
        unsafe { asm!("dsb", "wfi", options(nostack, preserves_flags)) };
        sleeps.wake_up();
    }
    if masked & 1 == 0 {
        // SAFETY: interrupts were enabled when this function began. `isb` has what is pending taken here.
        unsafe { asm!("cpsie i", "isb", options(nostack, preserves_flags)) };
    }
}

/// Sleeps until an event or an interrupt comes, unless `ready`, also if it comes right after `ready` has said no.
#[cfg(feature = "custom-context")]
pub(crate) fn wait_unless(ready: impl FnOnce() -> bool, sleeps: &Sleeps) {
    if !ready() {
        sleeps.fall_asleep();
        // The event register remembers: `sev` of any core sets it, and so does every return from an exception. So
        // this returns at once if either happened since it was last cleared, by a `wfe` before the look at `ready`.
        // SAFETY: waits, and `dsb` has what was written so far reach memory first.
        unsafe { asm!("dsb", "wfe", options(nostack, preserves_flags)) };
        sleeps.wake_up();
    }
}

/// Has other cores look again.
pub(crate) fn notify() {
    #[cfg(feature = "custom-context")]
    // SAFETY: sends an event, after what was written so far has reached memory.
    unsafe {
        asm!("dsb", "sev", options(nostack, preserves_flags))
    };
}
