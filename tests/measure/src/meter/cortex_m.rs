//! SysTick at the processor's clock, 25 MHz: a count in 40 ns.

use core::arch::asm;
use core::ptr;

/// Instructions in a count.
pub(crate) const PHASES: u32 = 40;
/// The bits of a count.
pub(crate) const MASK: u32 = 0xff_ffff;

const CONTROL: *mut u32 = ptr::without_provenance_mut(0xe000_e010);
const RELOAD: *mut u32 = ptr::without_provenance_mut(0xe000_e014);
const CURRENT: *mut u32 = ptr::without_provenance_mut(0xe000_e018);

/// Has it run, without an interrupt.
pub(crate) fn start() {
    // SAFETY: SysTick's registers; the boards that are measured make no other use of it.
    unsafe {
        RELOAD.write_volatile(MASK);
        CURRENT.write_volatile(0);
        CONTROL.write_volatile(0b101);
    }
}

/// The count. The timer counts down.
#[inline(always)]
pub(crate) fn ticks() -> u32 {
    let left: u32;
    // SAFETY: reads a register, which has no effect. It stays where it is among accesses to memory.
    unsafe { asm!("ldr {}, [{}]", out(reg) left, in(reg) CURRENT, options(nostack, preserves_flags)) };
    MASK - left
}

/// Comes back at another place between two counts for each phase below [`PHASES`].
#[inline(never)]
pub(crate) fn align(phase: u32) {
    // The first loop has 41 instructions, so each look at the counter is one instruction later between two counts than
    // the one before; where two counts have passed instead of one, it has just come to the first place. The second has
    // three for each phase, and no number of them below 40 but none comes to the same place again.
    // SAFETY: reads a register, which has no effect.
    unsafe {
        asm!(
            "ldr {before}, [{current}]",
            "2:",
            "ldr {now}, [{current}]",
            "subs {counts}, {before}, {now}",
            "mov {before}, {now}",
            ".rept 36",
            "nop",
            ".endr",
            "cmp {counts}, #2",
            "bne 2b",
            "3:",
            "nop",
            "subs {phase}, #1",
            "bne 3b",
            before = out(reg) _,
            now = out(reg) _,
            counts = out(reg) _,
            current = in(reg) CURRENT,
            phase = inout(reg) phase + 1 => _,
            options(nostack),
        );
    }
}
