//! A function to be run by an interrupt handler.

use core::cell::Cell;
use critical_section::Mutex;

type Function = fn();

/// Where a board's [`run`](Self::run) and the handler of an interrupt that no device raises meet.
pub struct Errand(Mutex<Cell<Option<Function>>>);

impl Errand {
    /// None yet.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(Mutex::new(Cell::new(None)))
    }

    /// Has the handler run `f`, and comes back when it has. `pend` makes the interrupt pending.
    ///
    /// # Panics
    ///
    /// If the interrupt does not come: in a critical section, and in a handler.
    pub fn run(&self, f: Function, pend: impl FnOnce()) {
        /// How often it is looked whether the handler has run, which takes it an instruction or two to begin.
        const PATIENCE: u32 = 100_000;
        critical_section::with(|cs| self.0.borrow(cs).set(Some(f)));
        pend();
        // The handler runs on top of this, so once it has taken the function it has also come to its end.
        let run = (0..PATIENCE).any(|_| critical_section::with(|cs| self.0.borrow(cs).get().is_none()));
        assert!(run, "the interrupt does not come: it is masked here");
    }

    /// To be called by the interrupt's handler, which has to take the interrupt back first if pending does not.
    pub fn on_interrupt(&self) {
        // The function is called outside of the critical section: it shall find what any handler finds.
        if let Some(f) = critical_section::with(|cs| self.0.borrow(cs).take()) {
            f();
        }
    }
}
