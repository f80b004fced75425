use core::cell::Cell;

use everloop_core::Event;

use crate::reading::Reading;

/// The newest reading, for any number of tasks to look at and wait for.
#[derive(Debug)]
pub(crate) struct Newest {
    reading: Cell<Option<Reading>>,
    changed: Event,
}

impl Newest {
    pub(crate) const fn new() -> Self {
        Self { reading: Cell::new(None), changed: Event::new() }
    }

    pub(crate) fn publish(&self, reading: Reading) {
        self.reading.set(Some(reading));
        // Those who wait now are woken; those who come later wait for the next one.
        self.changed.set();
        self.changed.clear();
    }

    pub(crate) fn get(&self) -> Option<Reading> {
        self.reading.get()
    }

    /// Waits for a reading after number `seq`. Numbers begin at 1, so any will do after 0.
    pub(crate) async fn after(&self, seq: u64) -> Reading {
        loop {
            match self.get() {
                Some(reading) if reading.seq > seq => return reading,
                _ => self.changed.wait().await,
            }
        }
    }
}
