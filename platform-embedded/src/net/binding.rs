use core::cell::Cell;
use core::net::{IpAddr, SocketAddr};

use everloop_core::Event;

const UNBOUND: IpAddr = IpAddr::V4(core::net::Ipv4Addr::UNSPECIFIED);

/// A port that is listened on, or room for one.
pub(super) struct Binding {
    /// Zero if it is free.
    port: Cell<u16>,
    address: Cell<IpAddr>,
    /// A connection is ready to be accepted. Set once nothing of the stack is borrowed, since that runs wakers.
    news: Cell<bool>,
    /// Wakes those who accept.
    pub(super) arrived: Event,
}

impl Binding {
    pub(super) const fn new() -> Self {
        Self {
            port: Cell::new(0),
            address: Cell::new(UNBOUND),
            news: Cell::new(false),
            arrived: Event::new(),
        }
    }

    pub(super) fn is_free(&self) -> bool {
        self.port() == 0
    }

    pub(super) fn port(&self) -> u16 {
        self.port.get()
    }

    /// What it was bound to.
    pub(super) fn local(&self) -> SocketAddr {
        SocketAddr::new(self.address.get(), self.port())
    }

    /// Whether connections to this address of the interface are its.
    pub(super) fn takes(&self, to: SocketAddr) -> bool {
        let covers = match self.address.get() {
            IpAddr::V4(ip) if ip.is_unspecified() => to.is_ipv4(),
            // Both families.
            IpAddr::V6(ip) if ip.is_unspecified() => true,
            ip => ip == to.ip(),
        };
        covers && self.port() == to.port()
    }

    pub(super) fn bind(&self, local: SocketAddr) {
        self.address.set(local.ip());
        self.port.set(local.port());
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
