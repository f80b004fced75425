use std::error::Error;
use std::{fmt, io};

/// Why a run gave no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunError {
    /// `run` was called inside a running loop.
    Nested,
    /// The [`Runner`](crate::Runner) was closed.
    Closed,
    /// The main task was cancelled.
    Cancelled,
    /// The main task was cancelled by SIGINT (ctrl-c): see [`Runner`](crate::Runner).
    Interrupted,
    /// The operating system gave no poller to wait for input with, most likely for want of file descriptors.
    Poller(io::Error),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nested => everloop_core::RunError::Nested.fmt(f),
            Self::Closed => f.write_str("the runner is closed: make a new one"),
            Self::Interrupted => f.write_str("the main task was interrupted by SIGINT"),
            Self::Cancelled => everloop_core::RunError::Cancelled.fmt(f),
            Self::Poller(_) => f.write_str("the operating system gave no poller to wait for input with"),
        }
    }
}

impl Error for RunError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Poller(error) => Some(error),
            _ => None,
        }
    }
}
