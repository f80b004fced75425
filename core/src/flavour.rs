use crate::shim::RawLock;

/// Who may touch a primitive: [`Local`] or [`Shared`].
pub trait Flavour: sealed::Sealed + 'static {
    #[doc(hidden)]
    type Exclusion: Exclusion;
}

/// For the tasks of one loop, and whatever else runs on its thread. No lock, no atomics; not `Sync`, so that the
/// compiler refuses to share it.
#[derive(Debug)]
pub enum Local {}

/// For threads, cores and interrupts. Each operation takes a lock for a few loads and stores: a critical section on
/// bare metal, a mutex on a host.
#[derive(Debug)]
pub enum Shared {}

impl Flavour for Local {
    type Exclusion = NoExclusion;
}

impl Flavour for Shared {
    type Exclusion = RawLock;
}

/// What a flavour guards its state with.
#[doc(hidden)]
pub trait Exclusion: sealed::Sealed {
    const NEW: Self;
    /// Whether another context may come in between two uses.
    const SHARED: bool;

    fn with<T>(&self, f: impl FnOnce() -> T) -> T;
}

#[doc(hidden)]
pub struct NoExclusion;

impl Exclusion for NoExclusion {
    const NEW: Self = Self;
    const SHARED: bool = false;

    #[inline]
    fn with<T>(&self, f: impl FnOnce() -> T) -> T {
        f()
    }
}

impl Exclusion for RawLock {
    const NEW: Self = Self::new();
    const SHARED: bool = true;

    #[inline]
    fn with<T>(&self, f: impl FnOnce() -> T) -> T {
        Self::with(self, f)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Local {}
    impl Sealed for super::Shared {}
    impl Sealed for super::NoExclusion {}
    impl Sealed for super::RawLock {}
}
