use everloop_core::stream::{Background, Growing};
use everloop_core::{StreamReader, StreamWriter};

use super::{TlsConnector, TlsReadHalf, TlsSocketInfo, TlsWriteHalf};
use crate::net::{self, ConnectError, DEFAULT_LIMIT, Endpoint, Tcp};

/// A [`StreamReader`] of a connection with TLS, with a buffer that grows.
pub type TlsReader<K = Tcp> = StreamReader<TlsReadHalf<K>, Growing>;

/// A [`StreamWriter`] to a connection with TLS, sent in the background.
///
/// [`close`](StreamWriter::close) ends this side of TLS, and closes the connection when the peer has ended its own or has
/// taken [too long](super::TlsConnector::shutdown_timeout).
pub type TlsWriter<K = Tcp> = StreamWriter<TlsWriteHalf<K>, Background<TlsSocketInfo<K>>>;

/// As [`open_connection`](crate::open_connection), with TLS: asyncio's with `ssl`.
///
/// The certificate must be for the [name](TlsConnector::server_hostname) that the connector has, or else for the host's
/// that is connected to, by name or by address. Of several addresses the first that takes the connection must do.
///
/// ```
/// use everloop::tls::{TlsAcceptor, TlsConnector, open_tls_connection, start_tls_server};
///
/// # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
/// # let (certificate, key) = (made.cert.der().clone(), made.signing_key.serialize_der().try_into().unwrap());
/// let acceptor = TlsAcceptor::with_certificate(vec![certificate.clone()], key).unwrap();
/// let connector = TlsConnector::trusting([certificate]).unwrap();
///
/// everloop::run(async {
///     let greet = async |_reader, writer: everloop::tls::TlsWriter| {
///         writer.write(b"hello\n").unwrap();
///         writer.close();
///     };
///     let server = start_tls_server(greet, ("127.0.0.1", 0), &acceptor).await.unwrap();
///     let port = server.local_addrs()[0].port();
///
///     let (mut reader, writer) = open_tls_connection(("localhost", port), &connector).await.unwrap();
///     assert_eq!(writer.get_extra_info().tls().peer_certificates().len(), 1);
///     assert_eq!(reader.readline().await.unwrap(), b"hello\n");
/// }).unwrap();
/// ```
///
/// # Errors
/// See [`ConnectError`]; what TLS has to say is [`ConnectError::Tls`].
///
/// # Cancel safety
/// Dropping the future gives the attempt up.
///
/// # Allocation
/// The buffers and the connection's state; for a name also what [`lookup_host`](crate::net::lookup_host) takes.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
pub async fn open_tls_connection(
    endpoint: impl Into<Endpoint>,
    connector: &TlsConnector,
) -> Result<(TlsReader, TlsWriter), ConnectError> {
    let endpoint = endpoint.into();
    let host = endpoint.name().map(str::to_owned);
    let stream = net::connect(endpoint).await?;
    let mut connector = connector.clone();
    if !connector.has_name() {
        let name = match host {
            Some(host) => host,
            None => stream
                .peer_addr()
                .map_err(|error| ConnectError::Tls(super::TlsError::Io(error)))?
                .ip()
                .to_string(),
        };
        connector = connector.server_hostname(name);
    }
    let stream = connector.connect(stream).await.map_err(ConnectError::Tls)?;
    Ok(stream.buffered(DEFAULT_LIMIT))
}

/// As [`open_unix_connection`](crate::open_unix_connection), with TLS: asyncio's with `ssl`. The connector must have a
/// [name](TlsConnector::server_hostname).
///
/// # Errors
/// Those of connecting as they are, and those of TLS as [`TlsError::of`](super::TlsError::of) finds them.
///
/// # Cancel safety
/// Dropping the future gives the attempt up.
///
/// # Allocation
/// The buffers and the connection's state.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
#[cfg(unix)]
pub async fn open_unix_tls_connection(
    path: impl AsRef<std::path::Path>,
    connector: &TlsConnector,
) -> std::io::Result<(TlsReader<net::Unix>, TlsWriter<net::Unix>)> {
    let stream = net::UnixStream::connect(path).await?;
    Ok(connector.connect(stream).await?.buffered(DEFAULT_LIMIT))
}
