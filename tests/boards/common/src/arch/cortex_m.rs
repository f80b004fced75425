use core::arch::asm;

/// A semihosting call.
///
/// # Safety
///
/// The argument is what the operation wants: mostly the address of a block of words, which in turn may hold addresses.
pub(crate) unsafe fn call_host(operation: usize, argument: usize) -> usize {
    let answer;
    // SAFETY: the host does what the operation says, for which the caller answers, and changes no other register.
    unsafe {
        asm!(
            "bkpt #0xab",
            inout("r0") operation => answer,
            in("r1") argument,
            options(nostack, preserves_flags)
        )
    };
    answer
}

/// Stops the processor until an interrupt is pending, also one that is masked.
pub(crate) fn wait_for_interrupt() {
    // SAFETY: waits, and `dsb` has what was written to devices take effect first.
    unsafe { asm!("dsb", "wfi", options(nostack, preserves_flags)) };
}
