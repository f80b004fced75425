/// The ports that nobody registers, for connections that this side makes.
const FIRST: u16 = 49152;
const COUNT: u16 = u16::MAX - FIRST + 1;

/// Chooses local ports, in an order that strangers can't easily guess (RFC 6056, algorithm 1).
pub(super) struct Ports {
    state: u32,
}

impl Ports {
    pub(super) fn new(seed: u64) -> Self {
        // Any state but zero, which the generator would never leave.
        let folded = (seed ^ (seed >> 32)) as u32;
        Self { state: folded.wrapping_mul(0x9e37_79b9).max(1) }
    }

    pub(super) fn random(&mut self) -> u16 {
        // xorshift32
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        (self.state >> 16) as u16
    }

    /// A port that is not `taken`. There is always one, since there are far fewer connections than ports.
    pub(super) fn choose(&mut self, taken: impl Fn(u16) -> bool) -> u16 {
        let start = self.random() % COUNT;
        let ports = (0..COUNT).map(|n| FIRST + (start + n) % COUNT);
        ports.into_iter().find(|port| !taken(*port)).unwrap_or(FIRST)
    }
}
