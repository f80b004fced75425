//! Counting instructions.
//!
//! A counter moves once in [`PHASES`] instructions. What is measured is repeated as often, each time an instruction
//! later between two counts: the sum of what was counted is then the number of instructions, to the instruction.

#[cfg_attr(target_arch = "arm", path = "cortex_m.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv.rs")]
mod arch;

pub(crate) use arch::{PHASES, align, start, ticks};

/// Counts from one look at the counter to another.
pub(crate) fn between(from: u32, to: u32) -> u32 {
    to.wrapping_sub(from) & arch::MASK
}
