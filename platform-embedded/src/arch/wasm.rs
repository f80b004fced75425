/// There is one thread, and nothing interrupts it.
#[cfg(not(feature = "custom-context"))]
pub(crate) fn context() -> crate::Context {
    crate::Context { core: 0, level: Some(0) }
}

/// WebAssembly cannot sleep, so the loop spins: enough for tests, and for a module whose loop never waits.
pub(crate) fn wait_unless(_ready: impl FnOnce() -> bool, sleeps: &crate::load::Sleeps) {
    sleeps.fall_asleep();
    core::hint::spin_loop();
    sleeps.wake_up();
}

pub(crate) fn notify() {}
