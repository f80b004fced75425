//! For what may not leave its thread, in a type that must be `Send` and `Sync`.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::thread::{self, ThreadId};

/// A value on the heap that only the thread which made it can reach. Another thread may hold it, and drop it: then the
/// value is leaked, as it stands.
///
/// Invariant **HOME**: `value` is touched by the thread `home` alone. It is pinned; its memory is freed after its drop, and
/// else never. (No thread ever gets the identity of another.)
pub(super) struct Home<T> {
    home: ThreadId,
    value: ManuallyDrop<Pin<Box<T>>>,
}

// SAFETY: HOME: no other thread touches the value, be it by reference, by drop or by freeing its memory.
unsafe impl<T> Send for Home<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Home<T> {}

impl<T> Home<T> {
    /// A value of this thread.
    pub(super) fn new(value: T) -> Self {
        Self { home: thread::current().id(), value: ManuallyDrop::new(Box::pin(value)) }
    }

    fn is_here(&self) -> bool {
        thread::current().id() == self.home
    }

    /// The value, on its own thread.
    pub(super) fn get(&mut self) -> Option<Pin<&mut T>> {
        self.is_here().then(|| self.value.as_mut())
    }
}

impl<T> Drop for Home<T> {
    fn drop(&mut self) {
        if self.is_here() {
            // SAFETY: it is not used again. HOME: this is its thread.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}
