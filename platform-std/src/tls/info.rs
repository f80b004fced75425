use rustls::pki_types::CertificateDer;
use rustls::{Connection, ProtocolVersion, SupportedCipherSuite};

/// What the two sides have agreed on in their handshake, and who the peer is. What asyncio's `get_extra_info` tells of its
/// `ssl_object`.
#[derive(Clone, Debug)]
pub struct TlsInfo {
    certificates: Vec<CertificateDer<'static>>,
    alpn: Option<Vec<u8>>,
    version: Option<ProtocolVersion>,
    suite: Option<SupportedCipherSuite>,
    server_name: Option<String>,
}

impl TlsInfo {
    pub(super) fn of(conn: &Connection) -> Self {
        Self {
            certificates: conn.peer_certificates().unwrap_or_default().to_vec(),
            alpn: conn.alpn_protocol().map(<[u8]>::to_vec),
            version: conn.protocol_version(),
            suite: conn.negotiated_cipher_suite(),
            server_name: match conn {
                Connection::Client(_) => None,
                Connection::Server(conn) => conn.server_name().map(str::to_owned),
            },
        }
    }

    /// The peer's certificate and those that vouch for it, its own first. Empty if it has shown none: a client does so only
    /// if the server asks.
    pub fn peer_certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// The protocol that is to be spoken, if ALPN has chosen one.
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.alpn.as_deref()
    }

    /// The version of TLS.
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.version
    }

    /// How what is sent is kept secret.
    pub fn cipher_suite(&self) -> Option<SupportedCipherSuite> {
        self.suite
    }

    /// On the server's side the name by which the client called it, if it said one.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }
}
