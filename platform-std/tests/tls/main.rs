//! TLS.
#![allow(missing_docs)]

#[path = "../support/mod.rs"]
mod support;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod tls_clock;
mod tls_end;
#[cfg(feature = "futures-io")]
mod tls_futures_io;
mod tls_handshake;
#[cfg(feature = "hyper")]
mod tls_hyper;
mod tls_open;
mod tls_records;
mod tls_start;
mod tls_stream;
#[cfg(feature = "tokio-io")]
mod tls_tokio_io;
mod tls_wakers;
mod tls_writer;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[path = "../support/wall_clock.rs"]
mod wall_clock;
