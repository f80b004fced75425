//! A task that knows its own handle needs a place to find it in.

use core::cell::RefCell;

use critical_section::Mutex;

/// A cell for a `static` that is only used by the tasks of one loop.
pub struct SendCell<T>(Mutex<RefCell<Option<Wrapped<T>>>>);

struct Wrapped<T>(T);
// SAFETY: the test puts in, uses and takes out on one thread; the cell is empty between tests.
unsafe impl<T> Send for Wrapped<T> {}

impl<T> SendCell<T> {
    pub const fn new() -> Self {
        Self(Mutex::new(RefCell::new(None)))
    }

    pub fn put(&self, value: T) {
        critical_section::with(|cs| *self.0.borrow_ref_mut(cs) = Some(Wrapped(value)));
    }

    pub fn with(&self, f: impl FnOnce(&T)) {
        critical_section::with(|cs| f(&self.0.borrow_ref(cs).as_ref().unwrap().0));
    }

    pub fn take(&self) -> T {
        critical_section::with(|cs| self.0.borrow_ref_mut(cs).take().unwrap().0)
    }
}
