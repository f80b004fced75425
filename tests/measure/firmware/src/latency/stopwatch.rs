//! Counting single instructions with SysTick, which QEMU has count 25 MHz: once in 40 instructions.

use core::arch::asm;
use core::ptr;

/// Instructions in a count.
pub const GRAIN: u32 = 40;
/// The bits of a count.
const MASK: u32 = 0xff_ffff;
/// Instructions until all begins again.
const ROUND: u32 = (MASK + 1) * GRAIN;

const CONTROL: *mut u32 = ptr::without_provenance_mut(0xe000_e010);
const RELOAD: *mut u32 = ptr::without_provenance_mut(0xe000_e014);
const CURRENT: *mut u32 = ptr::without_provenance_mut(0xe000_e018);

/// A look at the time, which takes some itself.
#[derive(Clone, Copy)]
pub struct Stamp {
    /// The instruction at which it began.
    pub from: u32,
    /// The instruction at which it ended.
    pub to: u32,
}

/// Has it run, without an interrupt. What two stamps are apart with nothing in between.
///
/// # Panics
///
/// If it is not instructions that it counts: without QEMU's `-icount shift=0`.
pub fn start() -> u32 {
    // SAFETY: SysTick's registers, of which the board makes no other use.
    unsafe {
        RELOAD.write_volatile(MASK);
        CURRENT.write_volatile(0);
        CONTROL.write_volatile(0b101);
        // It begins with the next count; what is measured is over long before the end of a round.
        while CURRENT.read_volatile() == 0 {}
    }
    macro_rules! nops {
        ($count:literal) => {{
            let first = stamp();
            // SAFETY: does nothing.
            unsafe { asm!(concat!(".rept ", $count), "nop", ".endr", options(nostack)) };
            between(first.to, stamp().from)
        }};
    }
    let around = nops!(0);
    let counted = [nops!(1) - around, nops!(39) - around, nops!(40) - around, nops!(777) - around];
    assert!(counted == [1, 39, 40, 777], "an instruction has to take a nanosecond");
    around
}

/// Which instruction this is.
#[inline(always)]
pub fn stamp() -> Stamp {
    let both = look();
    Stamp { from: both as u32, to: (both >> 32) as u32 }
}

/// Never inlined, so that what is around the look is always the same. The end is in the upper half.
#[inline(never)]
extern "C" fn look() -> u64 {
    let first: u32;
    let looks: u32;
    // Each look at the counter comes 41 instructions after the one before, so it is an instruction later between two
    // counts. Where two counts have passed instead of one, it has just come to the beginning of one.
    // SAFETY: reads a register, which has no effect.
    unsafe {
        asm!(
            "ldr {first}, [{current}]",
            "mov {before}, {first}",
            "movs {looks}, #0",
            ".rept 38",
            "nop",
            ".endr",
            "2:",
            "ldr {now}, [{current}]",
            "adds {looks}, #1",
            "subs {counts}, {before}, {now}",
            "mov {before}, {now}",
            ".rept 35",
            "nop",
            ".endr",
            "cmp {counts}, #2",
            "bne 2b",
            first = out(reg) first,
            before = out(reg) _,
            now = out(reg) _,
            counts = out(reg) _,
            looks = out(reg) looks,
            current = in(reg) CURRENT,
            options(nostack),
        );
    }
    // The timer counts down.
    let from = (MASK - first) * GRAIN + (GRAIN - looks);
    let to = (from + 41 * (looks + 1)) % ROUND;
    u64::from(to) << 32 | u64::from(from)
}

/// Instructions from one to another.
pub fn between(from: u32, to: u32) -> u32 {
    if to >= from { to - from } else { to + ROUND - from }
}
