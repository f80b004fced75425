use core::cell::Cell;
use core::net::Ipv4Addr;

use everloop_core::Event;

/// A port that is listened on, or room for one.
pub(super) struct Binding {
    /// Zero if it is free.
    port: Cell<u16>,
    address: Cell<Option<Ipv4Addr>>,
    /// A connection is ready to be accepted. Set once nothing of the stack is borrowed, since that runs wakers.
    news: Cell<bool>,
    /// Wakes those who accept.
    pub(super) arrived: Event,
}

impl Binding {
    pub(super) const fn new() -> Self {
        Self { port: Cell::new(0), address: Cell::new(None), news: Cell::new(false), arrived: Event::new() }
    }

    pub(super) fn is_free(&self) -> bool {
        self.port() == 0
    }

    pub(super) fn port(&self) -> u16 {
        self.port.get()
    }

    /// The address it is bound to, if not to all.
    pub(super) fn address(&self) -> Option<Ipv4Addr> {
        self.address.get()
    }

    pub(super) fn bind(&self, address: Option<Ipv4Addr>, port: u16) {
        self.address.set(address);
        self.port.set(port);
        self.news.set(false);
    }

    pub(super) fn free(&self) {
        self.port.set(0);
    }

    /// A connection is ready. Who waits learns of it by `tell`.
    pub(super) fn note(&self) {
        self.news.set(true);
    }

    /// Wakes those who accept, if there is reason to.
    pub(super) fn tell(&self) {
        if self.news.replace(false) {
            self.arrived.set();
        }
    }
}
