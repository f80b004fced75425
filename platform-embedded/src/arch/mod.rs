//! What depends on the processor: which context is calling, and sleeping until an interrupt.

#[cfg(not(any(
    all(target_arch = "arm", target_os = "none"),
    target_arch = "riscv32",
    target_arch = "wasm32",
    not(target_os = "none")
)))]
compile_error!("everloop-embedded knows Cortex-M, 32-bit RISC-V and WebAssembly");

#[cfg_attr(all(target_arch = "arm", target_os = "none"), path = "cortex_m.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv.rs")]
#[cfg_attr(target_arch = "wasm32", path = "wasm.rs")]
mod other;

#[cfg(not(feature = "custom-context"))]
pub(crate) use other::context;
pub(crate) use other::{notify, wait_unless};

#[cfg(feature = "custom-context")]
pub(crate) fn context() -> crate::Context {
    // SAFETY: the signature is the contract: the program defines it, see the docs of `Context`.
    unsafe extern "Rust" {
        safe fn _everloop_context() -> crate::Context;
    }
    _everloop_context()
}
