use crate::flavour::{Exclusion, Flavour, Shared};

/// State of cells that is only touched under its flavour's lock.
///
/// Invariant **GUARDED**: the state is reached through [`with`](Self::with) alone, and what is given to it runs no
/// foreign code, keeps no reference, and does not come back here; but for the comparisons of a priority queue, which
/// find no state half changed if they do come back.
pub(crate) struct Guarded<S, R: Flavour> {
    lock: R::Exclusion,
    state: S,
}

// SAFETY: GUARDED: the lock makes every access exclusive; what a state holds may then go from thread to thread.
unsafe impl<S: Send> Sync for Guarded<S, Shared> {}
// SAFETY: nothing of a thread is in it but the state.
unsafe impl<S: Send, R: Flavour> Send for Guarded<S, R> {}

impl<S, R: Flavour> Guarded<S, R> {
    pub(crate) const fn new(state: S) -> Self {
        Self { lock: R::Exclusion::NEW, state }
    }

    #[inline]
    pub(crate) fn with<T>(&self, f: impl FnOnce(&S) -> T) -> T {
        self.lock.with(|| f(&self.state))
    }
}
