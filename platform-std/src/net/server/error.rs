use std::error::Error;
use std::net::SocketAddr;
use std::{fmt, io};

use crate::reactor::ReactorError;

/// Why [`start_server`](super::start_server) started none. As an [`io::Error`], which it can be made into, it has the
/// kind of what the operating system said.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The host's name could not be looked up.
    Lookup(io::Error),
    /// The operating system refused to listen at this address.
    Listen(SocketAddr, io::Error),
    /// There was no address to listen at.
    NoAddress,
    /// There is no loop to serve in.
    Loop(ReactorError),
    /// Of a server on several threads: the operating system refused to listen at this path.
    #[cfg(unix)]
    ListenUnix(std::path::PathBuf, io::Error),
    /// Of a server on several threads: one could not be started.
    Thread(io::Error),
    /// Of a server on several threads: the loop of one could not be made, or could not take a listener over, most likely
    /// for want of file descriptors.
    ThreadLoop(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lookup(_) => f.write_str("the host's address could not be found"),
            Self::Listen(address, error) => write!(f, "could not listen at {address}: {error}"),
            Self::NoAddress => f.write_str("there was no address to listen at"),
            Self::Loop(error) => error.fmt(f),
            #[cfg(unix)]
            Self::ListenUnix(path, error) => write!(f, "could not listen at {}: {error}", path.display()),
            Self::Thread(_) => f.write_str("a thread of the server could not be started"),
            Self::ThreadLoop(_) => f.write_str("the loop of a thread of the server could not be made"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Lookup(error) | Self::Thread(error) | Self::ThreadLoop(error) => Some(error),
            #[cfg(unix)]
            Self::ListenUnix(..) => None,
            // The others are in the text.
            Self::Listen(..) | Self::NoAddress | Self::Loop(_) => None,
        }
    }
}

impl StartError {
    pub(in crate::net) fn io_kind(&self) -> io::ErrorKind {
        match self {
            Self::Lookup(error) | Self::Listen(_, error) | Self::Thread(error) | Self::ThreadLoop(error) => {
                error.kind()
            }
            #[cfg(unix)]
            Self::ListenUnix(_, error) => error.kind(),
            Self::NoAddress => io::ErrorKind::InvalidInput,
            Self::Loop(_) => io::ErrorKind::Other,
        }
    }
}

impl From<StartError> for io::Error {
    fn from(error: StartError) -> Self {
        Self::new(error.io_kind(), error)
    }
}
