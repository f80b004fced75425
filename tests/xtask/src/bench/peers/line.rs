//! What a line of the table is about.

/// One number of one workload, and what it is to reach.
#[derive(Debug)]
pub struct Line {
    /// What a person calls it.
    pub title: &'static str,
    /// What the program calls it.
    pub workload: &'static str,
    /// How much of it, if not as much as the program does by itself.
    pub n: Option<u64>,
    /// Which of the workload's numbers.
    pub key: &'static str,
    /// What that counts.
    pub unit: Unit,
    /// How good it should be.
    pub goal: Goal,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Told in picoseconds, shown in nanoseconds.
    Nanoseconds,
    /// Told in picoseconds, shown in microseconds.
    Microseconds,
    /// Told in microseconds, shown in milliseconds.
    Milliseconds,
    /// Of memory.
    Bytes,
    /// Of memory, told in bytes.
    Mebibytes,
    /// A rate, in thousands, told in ones.
    Thousands,
    /// A rate, in mebibytes, told in bytes.
    MebibytesASecond,
}

impl Unit {
    /// As the table has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Microseconds => "us",
            Self::Milliseconds => "ms",
            Self::Bytes => "bytes",
            Self::Mebibytes => "MiB",
            Self::Thousands => "1000/s",
            Self::MebibytesASecond => "MiB/s",
        }
    }

    /// A number in this unit.
    pub fn value(self, told: f64) -> f64 {
        told / match self {
            Self::Nanoseconds | Self::Milliseconds | Self::Thousands => 1e3,
            Self::Microseconds => 1e6,
            Self::Bytes => 1.0,
            Self::Mebibytes | Self::MebibytesASecond => 1048576.0,
        }
    }

    /// Whether more is better.
    pub const fn is_rate(self) -> bool {
        matches!(self, Self::Thousands | Self::MebibytesASecond)
    }
}

/// At most so many times what another takes; of a rate, at least so many times.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Goal {
    /// The best peer.
    pub best: Option<f64>,
    /// The work by hand.
    pub raw: Option<f64>,
    /// Another number of the same work.
    pub own: Option<Own>,
    /// Peers that use io_uring are another matter.
    pub epoll: bool,
}

/// So many times another number of the same work, for the same runtime.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Own {
    /// How many times.
    pub times: f64,
    /// Which.
    pub key: &'static str,
    /// What a person calls that.
    pub title: &'static str,
}

impl Goal {
    /// Nothing: it is told to be known.
    pub const NONE: Self = Self { best: None, raw: None, own: None, epoll: false };

    /// Of the best peer.
    pub const fn best(times: f64) -> Self {
        Self { best: Some(times), ..Self::NONE }
    }

    /// Of the work by hand.
    pub const fn raw(times: f64) -> Self {
        Self { raw: Some(times), ..Self::NONE }
    }

    /// Of another number of the same work.
    pub const fn own(times: f64, key: &'static str, title: &'static str) -> Self {
        Self { own: Some(Own { times, key, title }), ..Self::NONE }
    }
}
