use std::error::Error;
use std::{fmt, io};

/// Why a process was not sent a signal.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignalError {
    /// The process has ended. asyncio's `ProcessLookupError`.
    Finished,
    /// The system has no such signal; Windows has none but 9 and 15.
    NoSuchSignal,
    /// The system refused, most likely because the process runs for another user by now.
    Refused(io::Error),
}

impl fmt::Display for SignalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finished => "the process has ended: `returncode` gives how",
            Self::NoSuchSignal => "the system has no signal of this number",
            Self::Refused(_) => "the system refused to send the signal",
        })
    }
}

impl Error for SignalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(error) => Some(error),
            _ => None,
        }
    }
}

impl From<SignalError> for io::Error {
    fn from(error: SignalError) -> Self {
        match error {
            SignalError::Refused(error) => error,
            other => Self::other(other),
        }
    }
}
