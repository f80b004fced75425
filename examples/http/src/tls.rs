//! What makes HTTPS of HTTP: both sides of TLS, from files.

use std::error::Error;
use std::path::Path;

use everloop::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use everloop::tls::{TlsAcceptor, TlsConnector};

/// The server's side, with a certificate, those that vouch for it, and its key.
///
/// # Errors
/// A file can't be read or holds no such thing, or the key is not the certificate's.
pub fn acceptor(chain: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<TlsAcceptor, Box<dyn Error>> {
    let chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<_, _>>()?;
    Ok(TlsAcceptor::with_certificate(chain, PrivateKeyDer::from_pem_file(key)?)?)
}

/// The client's side, which trusts the authorities in a file, or else those that the operating system trusts.
///
/// # Errors
/// The file can't be read or holds no certificate, or the system names none.
pub fn connector(authorities: Option<&str>) -> Result<TlsConnector, Box<dyn Error>> {
    let Some(path) = authorities else { return Ok(TlsConnector::with_system_roots()?) };
    let authorities = CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>()?;
    Ok(TlsConnector::trusting(authorities)?)
}
