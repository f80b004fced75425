//! What the loop's code leaves for a handler, without a critical section, which would be measured with the call.

use core::cell::Cell;

/// A place for one value.
///
/// Invariant **HANDED**: it is touched by the loop's code while it raises no interrupt, and by the handler of the one
/// that it raises; never by two at a time.
pub(crate) struct Handed<T>(Cell<Option<T>>);

// SAFETY: HANDED, and the value may go to another context.
unsafe impl<T: Send> Sync for Handed<T> {}

impl<T> Handed<T> {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(None))
    }

    pub(crate) fn put(&self, value: T) {
        self.0.set(Some(value));
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.0.take()
    }
}
