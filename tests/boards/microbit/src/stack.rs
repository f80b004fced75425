//! How much of the stack was never used. There is little memory, and nothing else would tell that the stack has grown into
//! the statics beneath it.

use core::ptr;

/// What no program is likely to leave behind.
const PAINT: u32 = 0x5afe_57ac;
/// What is left alone above what is painted, for the code that paints.
const MARGIN: usize = 256;

unsafe extern "C" {
    /// Where the statics end, from the linker's script; behind it there is only the stack.
    static mut __sheap: u32;
}

/// Paints what of the stack is not in use yet.
pub fn paint() {
    let end = cortex_m::register::msp::read() as usize - MARGIN;
    let mut at = &raw mut __sheap;
    while (at as usize) < end {
        // SAFETY: between the statics and the stack that is in use there is memory of nobody's.
        unsafe { at.write_volatile(PAINT) };
        at = at.wrapping_add(1);
    }
}

/// How many bytes above the statics the stack has never come to.
pub fn untouched() -> usize {
    let start = ptr::addr_of!(__sheap);
    let mut at = start;
    // SAFETY: as long as it is painted it is memory, and the stack that is in use ends it.
    while unsafe { at.read_volatile() } == PAINT {
        at = at.wrapping_add(1);
    }
    at as usize - start as usize
}

/// For programs to call now and then.
///
/// # Panics
///
/// If the stack has come to the statics.
pub fn ensure() {
    assert!(untouched() > 0, "the stack has grown into the statics");
}
