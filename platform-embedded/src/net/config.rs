use core::net::Ipv4Addr;

use everloop_core::Duration;

/// The address of an interface, and the patience of its connections.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub(super) address: Ipv4Addr,
    pub(super) prefix: u8,
    pub(super) gateway: Option<Ipv4Addr>,
    pub(super) seed: u64,
    pub(super) timeout: Duration,
    pub(super) linger: Duration,
}

impl Config {
    /// A fixed address, in a network of which the first `prefix` bits are common to all.
    pub const fn new(address: Ipv4Addr, prefix: u8) -> Self {
        Self {
            address,
            prefix,
            gateway: None,
            seed: 0,
            timeout: Duration::from_secs(60),
            linger: Duration::from_secs(10),
        }
    }

    /// Who forwards to other networks. Without one they can't be reached.
    #[must_use]
    pub const fn gateway(mut self, gateway: Ipv4Addr) -> Self {
        self.gateway = Some(gateway);
        self
    }

    /// Where sequence numbers and ports begin. It should be random and differ at each start, so that connections of a
    /// former run are not mistaken for new ones, and strangers can't guess their way into a connection.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How long a peer may be silent before its connection is given up; by default 60 seconds. An idle peer is probed
    /// (keep-alive) each quarter of that time, so one that is still there is never given up. The time is also how long
    /// [`connect`](super::Network::connect) tries. A peer that said it has no room for more is asked ever more seldom, down
    /// to once a minute, and given up after four minutes without an answer, or this time if it is longer. At least one millisecond and at most 30 days.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a connection whose halves were dropped goes on without progress, before it is reset; by default 10
    /// seconds. Progress is that the peer takes something of what was written, or closes.
    #[must_use]
    pub const fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }
}
