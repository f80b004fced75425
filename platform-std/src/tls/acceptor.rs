use std::sync::Arc;

use everloop_core::Duration;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

use super::begin::{begin, take_over};
use super::limits::{self, Limits};
use super::{TlsError, TlsReader, TlsStream, TlsWriter, provider};
use crate::net::{DEFAULT_LIMIT, Kind, SocketReader, SocketWriter, StreamSocket};

/// The server's side of TLS: who it is, and for how long to wait. What asyncio's `ssl`, `ssl_handshake_timeout` and
/// `ssl_shutdown_timeout` say together.
///
/// It is cheap to clone.
#[derive(Clone, Debug)]
pub struct TlsAcceptor {
    config: Arc<ServerConfig>,
    limits: Limits,
}

impl TlsAcceptor {
    /// With a configuration of rustls': for ALPN, clients that have to show certificates, or several names.
    pub fn new(config: impl Into<Arc<ServerConfig>>) -> Self {
        Self { config: config.into(), limits: Limits::default() }
    }

    /// Shows the first of these certificates, with the others to vouch for it. Clients need none.
    ///
    /// Files in PEM are read by `rustls::pki_types::pem::PemObject`, as
    /// `CertificateDer::pem_file_iter` and `PrivateKeyDer::from_pem_file`.
    ///
    /// # Errors
    /// The key is not the certificate's, or of a kind that can't be used.
    pub fn with_certificate(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, rustls::Error> {
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider has what the versions need");
        Ok(Self::new(config.with_no_client_auth().with_single_cert(chain, key)?))
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
    pub fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }

    fn connection(&self) -> Result<rustls::Connection, TlsError> {
        let conn = ServerConnection::new(Arc::clone(&self.config));
        Ok(conn.map_err(TlsError::Protocol)?.into())
    }

    /// Does the handshake with the client at the other end of `stream`.
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
    pub async fn accept<K: Kind>(&self, stream: StreamSocket<K>) -> Result<TlsStream<K>, TlsError> {
        begin(stream.into_socket(), self.connection()?, Vec::new(), self.limits).await
    }

    /// Goes on with TLS on a connection that began without: sends what was written, such as the word that the client waits
    /// for, and does the handshake. asyncio's `StreamWriter.start_tls`, on the server's side.
    ///
    /// What the reader has received and nobody has read yet is taken for the beginning of TLS: a client need not wait for the
    /// answer, and what somebody slipped in before TLS is never given as if it had come by it.
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
