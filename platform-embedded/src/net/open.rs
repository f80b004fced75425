//! Hosts by name, and why they can't be reached or served at.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};

use embedded_io::ErrorKind;
use everloop_core::CreateErrorKind;

#[cfg(feature = "dns")]
use super::dns::LookupError;
use super::error::Error;
use super::stack::Stack;

/// Why [`open_connection`](super::Streams::open_connection) gave no connection, or
/// [`start_server`](super::Streams::start_server) no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectError {
    /// The host is given by name, and the feature `dns` is off.
    NameWithoutDns,
    /// The name could not be looked up.
    #[cfg(feature = "dns")]
    Lookup(LookupError),
    /// This is why the address gave no connection or can't be listened at; if there are several, the last one's reason.
    At(SocketAddr, Error),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameWithoutDns => {
                f.write_str("the host is given by name: enable the feature `dns`, or write out its address")
            }
            #[cfg(feature = "dns")]
            Self::Lookup(_) => f.write_str("the host's address could not be found"),
            Self::At(address, error) => write!(f, "{address}: {error}"),
        }
    }
}

impl core::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            #[cfg(feature = "dns")]
            Self::Lookup(error) => Some(error),
            // In the text.
            Self::At(..) => None,
            Self::NameWithoutDns => None,
        }
    }
}

impl embedded_io::Error for ConnectError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NameWithoutDns => ErrorKind::Unsupported,
            #[cfg(feature = "dns")]
            Self::Lookup(error) => error.kind(),
            Self::At(_, error) => error.kind(),
        }
    }
}

/// The addresses of a host, of which there is at least one.
pub(super) async fn addresses(
    stack: &Stack,
    host: &str,
) -> Result<impl Iterator<Item = IpAddr> + use<>, ConnectError> {
    #[cfg(feature = "dns")]
    return stack.lookup(host).await.map_err(ConnectError::Lookup);
    #[cfg(not(feature = "dns"))]
    {
        let _ = stack;
        host.parse::<IpAddr>().map(core::iter::once).map_err(|_| ConnectError::NameWithoutDns)
    }
}

/// What `take` gives for the first address for which it gives anything.
pub(super) async fn at_one<T>(
    ips: impl Iterator<Item = IpAddr>,
    port: u16,
    take: impl AsyncFn(SocketAddr) -> Result<T, Error>,
) -> Result<T, ConnectError> {
    // There is at least one.
    let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let mut failed = ConnectError::At(nowhere, Error::Unaddressable);
    for ip in ips {
        let address = SocketAddr::new(ip, port);
        match take(address).await {
            Ok(taken) => return Ok(taken),
            Err(error) => failed = ConnectError::At(address, error),
        }
    }
    Err(failed)
}

/// Why [`start_server`](super::Streams::start_server) started none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartServerError {
    /// The host can't be listened at.
    Listen(ConnectError),
    /// No task that accepts could be created.
    Task(CreateErrorKind),
}

impl fmt::Display for StartServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(_) => f.write_str("could not listen at the host"),
            Self::Task(_) => f.write_str("the task that accepts could not be created"),
        }
    }
}

impl core::error::Error for StartServerError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(match self {
            Self::Listen(error) => error,
            Self::Task(kind) => kind,
        })
    }
}

impl embedded_io::Error for StartServerError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Listen(error) => error.kind(),
            Self::Task(_) => ErrorKind::OutOfMemory,
        }
    }
}
