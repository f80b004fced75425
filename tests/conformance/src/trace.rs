//! What happened, in order: tasks write it down, the test compares.

use core::cell::RefCell;

use critical_section::Mutex;
use heapless::Vec;

/// A list of numbers for a `static`, so that it can be reached from tasks without an allocator.
pub struct Trace {
    entries: Mutex<RefCell<Vec<u32, 64>>>,
}

impl Trace {
    pub const fn new() -> Self {
        Self { entries: Mutex::new(RefCell::new(Vec::new())) }
    }

    /// Forgets what an earlier run of the same test wrote.
    pub fn clear(&self) {
        critical_section::with(|cs| self.entries.borrow_ref_mut(cs).clear());
    }

    pub fn push(&self, entry: u32) {
        let pushed = critical_section::with(|cs| self.entries.borrow_ref_mut(cs).push(entry));
        assert!(pushed.is_ok(), "the trace is full");
    }

    #[track_caller]
    pub fn expect(&self, expected: &[u32]) {
        let entries = critical_section::with(|cs| self.entries.borrow_ref(cs).clone());
        assert_eq!(entries.as_slice(), expected);
    }
}

/// Writes a number down when it is dropped.
pub struct OnDrop(pub &'static Trace, pub u32);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.push(self.1);
    }
}
