//! A static that is given away once.

use core::cell::{Cell, UnsafeCell};
use critical_section::Mutex;

/// A value in a `static` that the first taker gets for ever; needs no compare-and-swap, which Cortex-M0 lacks.
///
/// Invariant: `value` is touched only through the reference that `take` returned while it set `taken`, which happens
/// once.
pub struct Singleton<T> {
    taken: Mutex<Cell<bool>>,
    value: UnsafeCell<T>,
}

// SAFETY: by the type's invariant only one reference ever exists; taking it in another context than the static's
// moves access to `T` there, hence `T: Send`.
unsafe impl<T: Send> Sync for Singleton<T> {}

impl<T> Singleton<T> {
    /// Not taken yet.
    pub const fn new(value: T) -> Self {
        Self { taken: Mutex::new(Cell::new(false)), value: UnsafeCell::new(value) }
    }

    /// The value; `None` if it was taken before.
    #[allow(clippy::mut_from_ref)]
    pub fn take(&'static self) -> Option<&'static mut T> {
        let first = critical_section::with(|cs| !self.taken.borrow(cs).replace(true));
        // SAFETY: we set `taken`, so by the type's invariant no other reference exists or will.
        first.then(|| unsafe { &mut *self.value.get() })
    }
}
