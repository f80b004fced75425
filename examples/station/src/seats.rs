use core::cell::Cell;

use everloop_core::Event;

/// Room for a fixed number of clients.
#[derive(Debug)]
pub(crate) struct Seats {
    free: Cell<usize>,
    freed: Event,
}

/// One client's place, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Seat(&'static Seats);

impl Seats {
    pub(crate) const fn new(count: usize) -> Self {
        Self { free: Cell::new(count), freed: Event::new() }
    }

    /// Takes a seat, waiting for one.
    pub(crate) async fn take(&'static self) -> Seat {
        loop {
            if let Some(left) = self.free.get().checked_sub(1) {
                self.free.set(left);
                return Seat(self);
            }
            self.freed.wait().await;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.free.set(self.0.free.get() + 1);
        self.0.freed.set();
        self.0.freed.clear();
    }
}
