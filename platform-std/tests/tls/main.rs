//! TLS.
#![allow(missing_docs)]

#[path = "../support/mod.rs"]
mod support;
mod tls_end;
#[cfg(feature = "futures-io")]
mod tls_futures_io;
mod tls_handshake;
#[cfg(feature = "hyper")]
mod tls_hyper;
mod tls_open;
mod tls_start;
mod tls_stream;
#[cfg(feature = "tokio-io")]
mod tls_tokio_io;
mod tls_writer;
