//! A host without the feature `std`: it builds, so that the workspace does, but no loop runs. There are threads, and
//! without `std` no way to tell them apart, so nobody has a current loop.

#[cfg(not(feature = "custom-context"))]
pub(crate) fn context() -> crate::Context {
    crate::Context { core: 0, level: None }
}

pub(crate) fn wait_unless(_ready: impl FnOnce() -> bool, sleeps: &crate::load::Sleeps) {
    sleeps.fall_asleep();
    core::hint::spin_loop();
    sleeps.wake_up();
}

pub(crate) fn notify() {}
