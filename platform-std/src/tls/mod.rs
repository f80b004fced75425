//! TLS on sockets and servers, with feature `tls`: rustls, with its provider `ring`.
//!
//! [`open_tls_connection`] and [`start_tls_server`] are asyncio's `open_connection` and `start_server` with `ssl`. A
//! [`TlsConnector`] or a [`TlsAcceptor`] stands for an `SSLContext` and the keyword arguments beside it; any connection is
//! given TLS by [`TlsConnector::connect`] and [`TlsAcceptor::accept`], and one that has begun without goes on with it by
//! their `start_tls`.
//!
//! ```no_run
//! use everloop::tls::{TlsConnector, open_tls_connection};
//!
//! everloop::run(async {
//!     let connector = TlsConnector::with_system_roots()?;
//!     let (mut reader, writer) = open_tls_connection(("example.org", 443), &connector).await?;
//!     writer.write(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n").unwrap();
//!     writer.drain().await?;
//!     println!("{:?}", reader.readline().await.unwrap());
//!     Ok::<(), std::io::Error>(())
//! })
//! # .unwrap().unwrap();
//! ```
//!
//! A server's certificate and key are mostly files:
//!
//! ```no_run
//! use everloop::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
//! use everloop::tls::{TlsAcceptor, start_tls_server};
//!
//! everloop::run(async {
//!     let chain = CertificateDer::pem_file_iter("chain.pem")?.collect::<Result<_, _>>()?;
//!     let acceptor = TlsAcceptor::with_certificate(chain, PrivateKeyDer::from_pem_file("key.pem")?)?;
//!     let server = start_tls_server(
//!         async |mut reader, writer| {
//!             while let Ok(line @ [_, ..]) = reader.readline().await {
//!                 writer.write(line).unwrap();
//!                 if writer.drain().await.is_err() {
//!                     break;
//!                 }
//!             }
//!         },
//!         ("", 4433),
//!         &acceptor,
//!     );
//!     server.await?.serve_forever().await?;
//!     Ok::<(), Box<dyn std::error::Error>>(())
//! })
//! # .unwrap().unwrap();
//! ```

mod acceptor;
mod begin;
mod connector;
mod error;
mod handle;
mod info;
mod io;
mod limits;
mod open;
mod reader;
mod sender;
mod serve;
mod session;
mod socket_info;
mod state;
mod stream;
mod writer;

use std::sync::Arc;

pub use rustls;
use rustls::crypto::CryptoProvider;

pub use acceptor::TlsAcceptor;
pub use connector::TlsConnector;
pub use error::TlsError;
pub use info::TlsInfo;
#[cfg(unix)]
pub use open::open_unix_tls_connection;
pub use open::{TlsReader, TlsWriter, open_tls_connection};
pub use reader::TlsReadHalf;
pub use serve::start_tls_server;
#[cfg(unix)]
pub use serve::start_unix_tls_server;
pub use socket_info::TlsSocketInfo;
pub use stream::TlsStream;
pub use writer::TlsWriteHalf;

/// The process's, if the program has chosen one, and else `ring`.
fn provider() -> Arc<CryptoProvider> {
    match CryptoProvider::get_default() {
        Some(chosen) => Arc::clone(chosen),
        None => Arc::new(rustls::crypto::ring::default_provider()),
    }
}
