//! What depends on the processor: calling the host, and sleeping until an interrupt.

#[cfg_attr(target_arch = "arm", path = "cortex_m.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv.rs")]
mod processor;

pub(crate) use processor::{call_host, wait_for_interrupt};
