use core::fmt;

use embedded_io::ErrorKind;

use super::super::error::Error;

/// Why a name has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LookupError {
    /// The name is empty or has an empty part, or has others than letters, digits, hyphens and underscores.
    InvalidName,
    /// The name is longer than 253 bytes, or a part of it longer than 63.
    NameTooLong,
    /// There is no such name (NXDOMAIN).
    NoSuchName,
    /// There is such a name, but it has no address of the family that was asked for.
    NoAddress,
    /// The name stands for another one, that for another and so on, more than eight times.
    TooManyAliases,
    /// There are more addresses than fit in a datagram, and the server gave none of them.
    TruncatedAnswer,
    /// No DNS server is known.
    NoServer,
    /// Each server refused or failed.
    ServerFailed,
    /// No server answered.
    TimedOut,
    /// A UDP socket's buffers must have room for 512 bytes to receive, and for 272 to send.
    BufferTooSmall,
    /// There is no such service: the name of an address can't be asked for.
    Unsupported,
    /// There is no free UDP socket, or the servers can't be reached.
    Network(Error),
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidName => {
                "a name has letters, digits, hyphens and underscores, and dots between its parts"
            }
            Self::NameTooLong => "the name has more than 253 bytes, or a part of it more than 63",
            Self::NoSuchName => "there is no such name",
            Self::NoAddress => "the name has no address of that family",
            Self::TooManyAliases => "the name stands for another one more than eight times",
            Self::TruncatedAnswer => "the answer of the DNS server does not fit in a datagram",
            Self::NoServer => "no DNS server is known: configure one, or wait until the network tells one",
            Self::ServerFailed => "the DNS servers refuse or fail to answer",
            Self::TimedOut => "no DNS server answers",
            Self::BufferTooSmall => {
                "`UdpResources` must have buffers for 512 bytes to receive and 272 to send"
            }
            Self::Unsupported => "the name of an address can't be asked for",
            Self::Network(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for LookupError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Network(error) => Some(error),
            _ => None,
        }
    }
}

impl embedded_io::Error for LookupError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidName | Self::NameTooLong => ErrorKind::InvalidInput,
            Self::NoSuchName | Self::NoAddress => ErrorKind::NotFound,
            Self::TooManyAliases | Self::TruncatedAnswer => ErrorKind::InvalidData,
            Self::NoServer | Self::ServerFailed => ErrorKind::Other,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::BufferTooSmall => ErrorKind::OutOfMemory,
            Self::Unsupported => ErrorKind::Unsupported,
            Self::Network(error) => error.kind(),
        }
    }
}

impl From<Error> for LookupError {
    fn from(error: Error) -> Self {
        Self::Network(error)
    }
}
