use std::error::Error;
use std::{fmt, io};

use everloop_core::Duration;

/// Why there is no TLS on a connection, or no more.
///
/// Reads and writes give it within an [`io::Error`], from which [`of`](Self::of) gets it; handshakes give it as it is.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// The peer is not whom it should be, or does not speak TLS as it should: rustls says what is wrong. The peer was told.
    Protocol(rustls::Error),
    /// The handshake was not done within this time.
    HandshakeTimeout(Duration),
    /// The peer took nothing, or did not end its side, for this time after this side had ended. The connection was reset.
    ShutdownTimeout(Duration),
    /// The peer closed the connection during the handshake.
    Closed,
    /// The connection ended without `close_notify`, so somebody may have cut it: what was received may not be all.
    Truncated,
    /// The socket failed.
    Io(io::Error),
    /// The name that the peer's certificate should have is none that a certificate can have.
    InvalidName(String),
    /// No name was said that the peer's certificate should have: see
    /// [`server_hostname`](super::TlsConnector::server_hostname).
    NoName,
    /// What should become one connection are halves of two.
    TwoConnections,
}

impl TlsError {
    /// What an error of a TLS stream is in detail, if it is one of TLS.
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// From an error of a stream of this crate.
    pub(super) fn from_io(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) => Self::Io(error),
        }
    }

    pub(crate) fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Protocol(_) => io::ErrorKind::InvalidData,
            Self::HandshakeTimeout(_) | Self::ShutdownTimeout(_) => io::ErrorKind::TimedOut,
            Self::Closed => io::ErrorKind::ConnectionReset,
            Self::Truncated => io::ErrorKind::UnexpectedEof,
            Self::Io(error) => error.kind(),
            Self::InvalidName(_) | Self::NoName | Self::TwoConnections => io::ErrorKind::InvalidInput,
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(error) => write!(f, "TLS failed: {error}"),
            Self::HandshakeTimeout(limit) => {
                write!(f, "the TLS handshake took longer than {:?}", std::time::Duration::from(*limit))
            }
            Self::ShutdownTimeout(limit) => {
                write!(f, "the peer did not end TLS within {:?}", std::time::Duration::from(*limit))
            }
            Self::Closed => f.write_str("the peer closed the connection during the TLS handshake"),
            Self::Truncated => {
                f.write_str("the connection ended without the end of TLS: it may have been cut")
            }
            Self::Io(error) => error.fmt(f),
            Self::InvalidName(name) => {
                write!(f, "no certificate can have the name {name:?}: give a DNS name or an IP address")
            }
            Self::NoName => f.write_str("TLS needs the server's name: say it with `server_hostname`"),
            Self::TwoConnections => f.write_str("the reader and the writer are not of one connection"),
        }
    }
}

impl Error for TlsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Protocol(error) => Some(error),
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        match error {
            TlsError::Io(error) => error,
            error => Self::new(error.kind(), error),
        }
    }
}
