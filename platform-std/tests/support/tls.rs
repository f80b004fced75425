//! What the tests of TLS use: an authority that certifies what they like, and connections with TLS.

use std::path::Path;
use std::sync::Arc;

use everloop::net::{Kind, StreamSocket};
use everloop::tls::rustls::crypto::ring;
use everloop::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use everloop::tls::rustls::server::WebPkiClientVerifier;
use everloop::tls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use everloop::tls::{TlsAcceptor, TlsConnector, TlsStream};
use everloop::{create_task, try_gather};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use super::pair;

/// A certificate with those that vouch for it, and its key.
pub type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Who certifies.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "an authority of tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).unwrap();
        let (der, pem) = (certificate.der().clone(), certificate.pem());
        Self { issuer: Issuer::new(params, key), certificate: der, pem }
    }

    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// An identity with this name, of a certificate that `change` may change.
    pub fn certify_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = subject(name);
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        (vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    pub fn certify(&self, name: &str) -> Identity {
        self.certify_with(name, |_| {})
    }

    /// The authority's certificate, and an identity with this name, as files `authority.pem`, `chain.pem` and `key.pem`.
    pub fn write_pem(&self, name: &str, folder: &Path) {
        let key = KeyPair::generate().unwrap();
        let params = subject(name);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        for (file, text) in
            [("authority", &self.pem), ("chain", &certificate.pem()), ("key", &key.serialize_pem())]
        {
            std::fs::write(folder.join(file).with_extension("pem"), text).unwrap();
        }
    }

    /// A server with this name.
    pub fn acceptor(&self, name: &str) -> TlsAcceptor {
        let (chain, key) = self.certify(name);
        TlsAcceptor::with_certificate(chain, key).unwrap()
    }

    /// A client that trusts this authority and looks for a server with this name.
    pub fn connector(&self, name: &str) -> TlsConnector {
        TlsConnector::trusting([self.certificate()]).unwrap().server_hostname(name)
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate()).unwrap();
        Arc::new(roots)
    }

    /// What a client with a configuration of its own begins with.
    pub fn client_config(&self, identity: Option<Identity>) -> ClientConfig {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots());
        match identity {
            Some((chain, key)) => config.with_client_auth_cert(chain, key).unwrap(),
            None => config.with_no_client_auth(),
        }
    }

    /// What a server of this name with a configuration of its own begins with.
    pub fn server_config(&self, name: &str, wants_certificates: bool) -> ServerConfig {
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let (chain, key) = self.certify(name);
        let config = if wants_certificates {
            let verifier = WebPkiClientVerifier::builder_with_provider(self.roots(), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            config.with_no_client_auth()
        };
        config.with_single_cert(chain, key).unwrap()
    }
}

/// What a certificate for this name says.
fn subject(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params
}

/// TLS on the two ends of a connection.
pub async fn secured<K: Kind>(near: StreamSocket<K>, far: StreamSocket<K>) -> (TlsStream<K>, TlsStream<K>) {
    let authority = Authority::new();
    let (connector, acceptor) = (authority.connector("localhost"), authority.acceptor("localhost"));
    try_gather((connector.connect(near), acceptor.accept(far))).await.unwrap()
}

/// The two ends of a connection with TLS, the client's first.
pub async fn tls_pair() -> (TlsStream, TlsStream) {
    let (near, far) = pair().await;
    secured(near, far).await
}

/// The two ends of a connection with TLS, the client's first, with what lies between them in the hands of `between`.
pub async fn tls_pair_through<F>(
    connector: TlsConnector,
    acceptor: TlsAcceptor,
    between: impl FnOnce(everloop::net::TcpStream, everloop::net::TcpStream) -> F,
) -> (TlsStream, TlsStream)
where
    F: Future<Output = ()> + 'static,
{
    let (near, one) = pair().await;
    let (other, far) = pair().await;
    drop(create_task(between(one, other)));
    try_gather((connector.connect(near), acceptor.accept(far))).await.unwrap()
}

/// The byte at a place of a test's stream.
pub fn pattern(place: usize) -> u8 {
    (place % 251) as u8
}

pub fn patterned(range: std::ops::Range<usize>) -> Vec<u8> {
    range.map(pattern).collect()
}
