use std::error::Error;
use std::{fmt, io};

use crate::reactor::ReactorError;

/// Why a signal can't be handled.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignalError {
    /// The system has no signal of this number.
    Invalid(i32),
    /// It can't be caught, or (as `SIGSEGV`) could not be handled later: it tells of a mistake that happens again as soon
    /// as its handler returns. On Windows no signal can be handled; wait for [`ctrl_c`](crate::ctrl_c) there.
    Unsupported(i32),
    /// There is no loop to handle it in.
    Loop(ReactorError),
    /// The operating system refused what it takes, most likely for want of file descriptors.
    Refused(io::Error),
}

impl fmt::Display for SignalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(signum) => write!(f, "there is no signal {signum}"),
            Self::Unsupported(signum) => write!(f, "signal {signum} can't be handled by a loop"),
            Self::Loop(error) => error.fmt(f),
            Self::Refused(_) => f.write_str("the operating system refused what catching a signal takes"),
        }
    }
}

impl Error for SignalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(error) => Some(error),
            // The others are in the text.
            Self::Invalid(_) | Self::Unsupported(_) | Self::Loop(_) => None,
        }
    }
}

impl From<SignalError> for io::Error {
    fn from(error: SignalError) -> Self {
        match error {
            SignalError::Refused(error) => error,
            SignalError::Loop(error) => error.into(),
            error => Self::new(io::ErrorKind::InvalidInput, error),
        }
    }
}
