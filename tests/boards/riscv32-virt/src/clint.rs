//! The interruptor next to the hart (CLINT): a counter with a comparator, and an interrupt that software raises.

use tock_registers::interfaces::{Readable, Writeable};
use tock_registers::register_structs;
use tock_registers::registers::ReadWrite;

/// What the counter counts in a second.
pub const HZ: u64 = 10_000_000;

register_structs! {
    Registers {
        /// Bit 0 is the software interrupt of hart 0.
        (0x0000 => soft: ReadWrite<u32>),
        (0x0004 => _other_harts),
        /// The timer's interrupt is up while the counter is not below this.
        (0x4000 => compare_low: ReadWrite<u32>),
        (0x4004 => compare_high: ReadWrite<u32>),
        (0x4008 => _more_harts),
        (0xbff8 => count_low: ReadWrite<u32>),
        (0xbffc => count_high: ReadWrite<u32>),
        (0xc000 => @END),
    }
}

fn registers() -> &'static Registers {
    // SAFETY: the registers are always there, and are only accessed as volatile.
    unsafe { &*(0x0200_0000 as *const Registers) }
}

/// The count.
pub fn count() -> u64 {
    let registers = registers();
    let mut high = registers.count_high.get();
    loop {
        let low = registers.count_low.get();
        let after = registers.count_high.get();
        if high == after {
            return u64::from(high) << 32 | u64::from(low);
        }
        // The lower half has wrapped in between.
        high = after;
    }
}

/// Has the counter go on from `count`.
pub fn set_count(count: u64) {
    let registers = registers();
    // From zero the lower half carries nothing into the upper before it is set itself.
    registers.count_low.set(0);
    registers.count_high.set((count >> 32) as u32);
    registers.count_low.set(count as u32);
}

/// The timer's interrupt is up from this count on; an earlier order is forgotten.
pub fn set_alarm(count: u64) {
    let registers = registers();
    // Never a count in between that is earlier than either.
    registers.compare_high.set(u32::MAX);
    registers.compare_low.set(count as u32);
    registers.compare_high.set((count >> 32) as u32);
}

/// Raises the software interrupt.
pub fn raise_soft() {
    registers().soft.set(1);
}

/// Takes the software interrupt back.
pub fn clear_soft() {
    registers().soft.set(0);
}
