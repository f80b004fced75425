use std::error::Error;
use std::net::SocketAddr;
use std::{fmt, io};

use everloop_core::stream::{Background, Growing};
use everloop_core::{StreamReader, StreamWriter};

use super::kind::Kind;
use super::{Endpoint, ReadHalf, SocketInfo, StreamSocket, Tcp, TcpStream, WriteHalf};
use crate::reactor::{self, ReactorError};

/// A [`StreamReader`] of a socket, with a buffer that grows.
pub type SocketReader<K = Tcp> = StreamReader<ReadHalf<K>, Growing>;

/// A [`StreamWriter`] to a socket, sent in the background.
pub type SocketWriter<K = Tcp> = StreamWriter<WriteHalf<K>, Background<SocketInfo<K>>>;

/// The limit of a [`SocketReader`], if nothing else is said: 64 KiB, asyncio's.
pub const DEFAULT_LIMIT: usize = 64 * 1024;

impl<K: Kind> StreamSocket<K> {
    /// A buffered reader and a buffered writer of this connection. No line that is read may be longer than `limit`
    /// bytes, its end not counted; see [`DEFAULT_LIMIT`].
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn buffered(self, limit: usize) -> (SocketReader<K>, SocketWriter<K>) {
        let info = SocketInfo::new(self.share());
        let (reader, writer) = self.split();
        (StreamReader::with_limit(reader, limit), StreamWriter::with_info(writer, info))
    }
}

/// Connects to a host by TCP, and gives a reader, with a limit of [`DEFAULT_LIMIT`], and a writer. asyncio's
/// `open_connection`. Of several addresses each is tried until one takes the connection.
///
/// For other limits: `TcpStream::connect(address).await?.buffered(limit)`. For options, see
/// [`TcpSocket`](super::TcpSocket).
///
/// ```
/// use everloop::{create_task, net::{DEFAULT_LIMIT, TcpListener}, open_connection};
///
/// everloop::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
///     let port = listener.local_addr().unwrap().port();
///     create_task(async move {
///         let (mut reader, writer) = listener.accept().await.unwrap().0.buffered(DEFAULT_LIMIT);
///         writer.write(reader.readline().await.unwrap()).unwrap();
///         writer.close();
///         writer.wait_closed().await.unwrap();
///     });
///
///     let (mut reader, writer) = open_connection(("localhost", port)).await.unwrap();
///     writer.write(b"hello\n").unwrap();
///     writer.drain().await.unwrap();
///     assert_eq!(reader.readline().await.unwrap(), b"hello\n");
/// }).unwrap();
/// ```
///
/// # Errors
/// See [`ConnectError`].
///
/// # Cancel safety
/// Dropping the future gives the attempt up.
///
/// # Allocation
/// The buffers and the socket's state; for a name also what [`lookup_host`](super::lookup_host) takes.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
pub async fn open_connection(
    endpoint: impl Into<Endpoint>,
) -> Result<(SocketReader, SocketWriter), ConnectError> {
    Ok(connect(endpoint.into()).await?.buffered(DEFAULT_LIMIT))
}

/// Connects to the first address that takes the connection.
pub(crate) async fn connect(endpoint: Endpoint) -> Result<TcpStream, ConnectError> {
    reactor::current().map_err(ConnectError::Loop)?;
    let addresses = endpoint.remote().await.map_err(ConnectError::Lookup)?;
    let mut attempts = Vec::new();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => attempts.push((address, error)),
        }
    }
    Err(ConnectError::Attempts(attempts))
}

/// Connects to the Unix socket at `path` (see [`UnixStream::connect`](super::UnixStream::connect)), and gives a reader,
/// with a limit of [`DEFAULT_LIMIT`], and a writer. asyncio's `open_unix_connection`.
///
/// # Errors
/// As there.
///
/// # Cancel safety
/// Dropping the future gives the attempt up.
///
/// # Allocation
/// The buffers and the socket's state.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
#[cfg(unix)]
pub async fn open_unix_connection(
    path: impl AsRef<std::path::Path>,
) -> io::Result<(SocketReader<super::Unix>, SocketWriter<super::Unix>)> {
    Ok(super::UnixStream::connect(path).await?.buffered(DEFAULT_LIMIT))
}

/// Why [`open_connection`] gave no connection. As an [`io::Error`], which it can be made into, it has the kind that all
/// attempts have in common, if they have one.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The host's name could not be looked up.
    Lookup(io::Error),
    /// Each address was tried, and this is why it gave no connection. Empty if there was none to try.
    Attempts(Vec<(SocketAddr, io::Error)>),
    /// There is no loop to connect in.
    Loop(ReactorError),
    /// There was a connection, and this is why there is no TLS on it.
    #[cfg(feature = "tls")]
    Tls(crate::tls::TlsError),
}

impl ConnectError {
    pub(super) fn io_kind(&self) -> io::ErrorKind {
        match self {
            Self::Lookup(error) => error.kind(),
            Self::Loop(_) => io::ErrorKind::Other,
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.kind(),
            Self::Attempts(attempts) => {
                let mut kinds = attempts.iter().map(|(_, error)| error.kind());
                match kinds.next() {
                    None => io::ErrorKind::InvalidInput,
                    Some(first) if kinds.all(|kind| kind == first) => first,
                    Some(_) => io::ErrorKind::Other,
                }
            }
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lookup(_) => f.write_str("the host's address could not be found"),
            Self::Loop(error) => error.fmt(f),
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.fmt(f),
            Self::Attempts(attempts) => {
                f.write_str("no connection: ")?;
                if attempts.is_empty() {
                    f.write_str("there was no address to try")?;
                }
                for (place, (address, error)) in attempts.iter().enumerate() {
                    write!(f, "{}{address}: {error}", if place == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Lookup(error) => Some(error),
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.source(),
            // The others are in the text.
            Self::Attempts(_) | Self::Loop(_) => None,
        }
    }
}

impl From<ConnectError> for io::Error {
    fn from(error: ConnectError) -> Self {
        Self::new(error.io_kind(), error)
    }
}
