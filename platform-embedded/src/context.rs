/// Where a piece of code runs: on which core, and at which interrupt level.
///
/// The runtime must know this to tell a loop's own code from an interrupt handler on top of it: the former may touch
/// the loop's queues, the latter goes through a lock-free inbox. By default it finds out by itself:
///
/// - On Cortex-M from the number of the active exception (IPSR), which is exact.
/// - On RISC-V from `mstatus.MIE`: a trap handler runs with interrupts disabled, so only code that runs with them
///   enabled is taken for the loop's own. The price: inside a critical section there is no current loop. Waking a task
///   there takes the inbox, which is slower and always right; `Instant::now()`, `create_task` and the like panic or
///   give an error there, and a loop can only be run with interrupts enabled, not in a handler.
///
/// Both assume one core, and on RISC-V that no handler enables interrupts again while it runs (`riscv-rt` does not,
/// unless asked to by `unsafe` code; `esp-hal` does). Where that does not hold, enable the feature `custom-context` and
/// define this function, once in the program:
///
/// ```no_run
/// use everloop_embedded::Context;
/// # fn ipsr() -> u16 { 0 }
///
/// #[unsafe(no_mangle)]
/// fn _everloop_context() -> Context {
///     // An RP2040: which core is in a register of its single-cycle I/O block.
///     Context { core: unsafe { *(0xd000_0000 as *const u32) } as u8, level: Some(ipsr()) }
/// }
/// ```
///
/// With the feature a sleeping core waits for an event (`wfe`) on Cortex-M, and wakes send one (`sev`), so loops on
/// different cores can wake each other. RISC-V has no such instruction: there the program has to interrupt the other
/// core, or a wake is seen at that core's next interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Context {
    /// The core, below [`Context::CORES`].
    pub core: u8,
    /// The interrupt level, any number that is the same for code that runs at the same level and different for code
    /// that interrupts it. `None` if that can't be told: then the code has no current loop.
    pub level: Option<u16>,
}

impl Context {
    /// How many cores there can be.
    pub const CORES: usize = if cfg!(feature = "custom-context") { 4 } else { 1 };
}
