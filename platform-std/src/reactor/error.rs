use std::error::Error;
use std::{fmt, io};

/// Why a socket cannot wait here. Inside an [`io::Error`] of kind [`Other`](io::ErrorKind::Other), where
/// [`io::Error::get_ref`] finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReactorError {
    /// No loop is running on this thread.
    NoRunningLoop,
    /// The loop in which the socket was made is not running: nobody would look at the socket.
    OtherLoop,
}

impl fmt::Display for ReactorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRunningLoop => {
                "no running event loop: sockets and subprocesses are made and used inside `everloop::run`, on its thread"
            }
            Self::OtherLoop => {
                "the event loop in which this socket or pipe was made has ended: make it in the loop that uses it"
            }
        })
    }
}

impl Error for ReactorError {}

impl From<ReactorError> for io::Error {
    fn from(error: ReactorError) -> Self {
        Self::other(error)
    }
}
