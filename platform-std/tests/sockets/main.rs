//! TCP, UDP and Unix sockets, and the streams and servers over them.
#![allow(missing_docs)]

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod accept_errors;
mod beyond;
#[cfg(target_os = "linux")]
mod broken_pipe;
mod connection;
mod hostile_wakers;
mod idle;
mod incoming;
mod resets;
mod server;
mod server_close;
#[cfg(unix)]
mod server_unix;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod tcp;
mod tcp_bulk;
mod tcp_cancel;
mod tcp_close;
mod tcp_options;
#[cfg(unix)]
mod udp;
#[cfg(unix)]
mod unix;
