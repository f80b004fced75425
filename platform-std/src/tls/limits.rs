use everloop_core::Duration;

/// How long the peer may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) handshake: Duration,
    pub(super) shutdown: Duration,
}

/// asyncio's.
impl Default for Limits {
    fn default() -> Self {
        Self { handshake: Duration::from_secs(60), shutdown: Duration::from_secs(30) }
    }
}

#[track_caller]
pub(super) fn positive(limit: Duration) -> Duration {
    assert!(!limit.is_zero(), "a time limit of zero leaves the peer no time at all");
    limit
}
