use core::arch::asm;

/// A semihosting call.
///
/// # Safety
///
/// The argument is what the operation wants: mostly the address of a block of words, which in turn may hold addresses.
pub(crate) unsafe fn call_host(operation: usize, argument: usize) -> usize {
    let answer;
    // An `ebreak` is a call between just these two instructions, none of them compressed, and all in one page of memory.
    // SAFETY: the host does what the operation says, for which the caller answers, and changes no other register.
    unsafe {
        asm!(
            ".balign 16",
            ".option push",
            ".option norvc",
            "slli x0, x0, 0x1f",
            "ebreak",
            "srai x0, x0, 7",
            ".option pop",
            inout("a0") operation => answer,
            in("a1") argument,
            options(nostack, preserves_flags)
        )
    };
    answer
}

/// Stops the processor until an interrupt is pending, also while interrupts are disabled.
pub(crate) fn wait_for_interrupt() {
    // SAFETY: waits, and `fence` has what was written to devices take effect first.
    unsafe { asm!("fence", "wfi", options(nostack, preserves_flags)) };
}
