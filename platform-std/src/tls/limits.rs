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
