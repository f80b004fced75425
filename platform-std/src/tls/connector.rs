use std::io;
use std::sync::Arc;

use everloop_core::Duration;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::begin::{begin, take_over};
use super::limits::{self, Limits};
use super::{TlsError, TlsReader, TlsStream, TlsWriter, provider};
use crate::net::{DEFAULT_LIMIT, Kind, SocketReader, SocketWriter, StreamSocket};

/// The client's side of TLS: whom to trust, and for how long to wait. What asyncio's `ssl`, `server_hostname`,
/// `ssl_handshake_timeout` and `ssl_shutdown_timeout` say together.
///
/// It is cheap to clone.
///
/// # Differs from asyncio
/// The certificate and its name are always checked, unless the configuration brings a verifier of its own.
#[derive(Clone, Debug)]
pub struct TlsConnector {
    config: Arc<ClientConfig>,
    name: Option<String>,
    limits: Limits,
}

impl TlsConnector {
    /// With a configuration of rustls': for ALPN, certificates of the client, or rules of its own.
    pub fn new(config: impl Into<Arc<ClientConfig>>) -> Self {
        Self { config: config.into(), name: None, limits: Limits::default() }
    }

    /// Trusts the authorities that the operating system trusts. asyncio's `ssl=True`.
    ///
    /// It reads files, so it blocks for a moment: make one, and clone it.
    ///
    /// # Errors
    /// The system has no such list, or it holds nothing that can be used.
    pub fn with_system_roots() -> io::Result<Self> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        // Lists hold old ones that nobody can use any more.
        let (added, _ignored) = roots.add_parsable_certificates(found.certs);
        if added > 0 {
            return Ok(Self::with_roots(roots));
        }
        Err(match found.errors.into_iter().next() {
            Some(error) => io::Error::other(error),
            None => io::Error::new(io::ErrorKind::NotFound, "the system names no authority to trust"),
        })
    }

    /// Trusts these authorities and no others.
    ///
    /// # Errors
    /// One is no certificate.
    pub fn trusting(
        authorities: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority)?;
        }
        Ok(Self::with_roots(roots))
    }

    fn with_roots(roots: RootCertStore) -> Self {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider has what the versions need");
        Self::new(config.with_root_certificates(roots).with_no_client_auth())
    }

    /// The name or IP address that the server's certificate must be for. [`open_tls_connection`](super::open_tls_connection)
    /// takes the host that it connects to, if nothing else is said.
    #[must_use]
    pub fn server_hostname(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// How long a handshake may take; 60 seconds if nothing is said.
    ///
    /// # Panics
    /// If it is zero.
    #[must_use]
    #[track_caller]
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.limits.handshake = limits::positive(limit);
        self
    }

    /// How long the peer may take nothing of what is still sent when this side ends, and how long
    /// [`TlsStream::shutdown`] waits for the peer's end; 30 seconds if nothing is said.
    ///
    /// # Panics
    /// If it is zero.
    #[must_use]
    #[track_caller]
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.limits.shutdown = limits::positive(limit);
        self
    }

    /// The configuration.
    pub fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }

    pub(super) fn has_name(&self) -> bool {
        self.name.is_some()
    }

    fn connection(&self) -> Result<rustls::Connection, TlsError> {
        let name = self.name.as_deref().ok_or(TlsError::NoName)?;
        let server = ServerName::try_from(name).map_err(|_invalid| TlsError::InvalidName(name.to_owned()))?;
        let conn = ClientConnection::new(Arc::clone(&self.config), server.to_owned());
        Ok(conn.map_err(TlsError::Protocol)?.into())
    }

    /// Does the handshake with the server at the other end of `stream`.
    ///
    /// With TLS 1.3 the server may find this side's certificate wanting only after that; then the first read says so.
    ///
    /// # Errors
    /// See [`TlsError`].
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    ///
    /// # Allocation
    /// The connection's state.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn connect<K: Kind>(&self, stream: StreamSocket<K>) -> Result<TlsStream<K>, TlsError> {
        begin(stream.into_socket(), self.connection()?, Vec::new(), self.limits).await
    }

    /// Goes on with TLS on a connection that began without: sends what was written, and does the handshake. Call it when
    /// the server has agreed. asyncio's `StreamWriter.start_tls`, on the client's side.
    ///
    /// What the reader has received and nobody has read yet is taken for the beginning of TLS: it is never given as if it had
    /// come by TLS.
    ///
    /// # Errors
    /// See [`TlsError`].
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    ///
    /// # Allocation
    /// The connection's state and its buffers.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn start_tls<K: Kind>(
        &self,
        reader: SocketReader<K>,
        writer: SocketWriter<K>,
    ) -> Result<(TlsReader<K>, TlsWriter<K>), TlsError> {
        let conn = self.connection()?;
        let (socket, received) = take_over(reader, writer).await?;
        Ok(begin(socket, conn, received, self.limits).await?.buffered(DEFAULT_LIMIT))
    }
}
