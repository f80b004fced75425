//! Sleeping until an interrupt.

use crate::arch;

/// Stops the processor until an interrupt is pending, unless `ready` says that there is work; then the interrupt's
/// handler has run.
///
/// The question is asked and the processor stopped with interrupts masked, so an interrupt that comes in between is
/// not lost: `wfi` is woken by a pending interrupt even while it is masked. May return early; ask again in a loop.
/// Not for use in a critical section, where the handler could not run.
pub fn sleep_unless(ready: impl FnOnce() -> bool) {
    critical_section::with(|_| {
        if !ready() {
            arch::wait_for_interrupt();
        }
    });
}
