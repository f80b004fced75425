//! What can be used only once.

use core::sync::atomic::{AtomicUsize, Ordering};

/// A supply in a `static`.
pub(crate) struct Fresh<T, const N: usize> {
    all: [T; N],
    at: AtomicUsize,
}

impl<T, const N: usize> Fresh<T, N> {
    pub(crate) const fn new(all: [T; N]) -> Self {
        Self { all, at: AtomicUsize::new(0) }
    }

    /// The one in use.
    #[inline]
    pub(crate) fn get(&self) -> &T {
        &self.all[self.at.load(Ordering::Relaxed)]
    }

    /// From here on the next one is in use.
    pub(crate) fn next(&self) {
        self.at.fetch_add(1, Ordering::Relaxed);
    }
}
