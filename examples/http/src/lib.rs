//! HTTP/1.1 by hyper on everloop, with TLS and without: a server, a client and a load generator, each in one file and with
//! a program in `bin`.
//!
//! Nothing here is `Send`: all connections of a server are tasks of one loop, and share its [`Site`] by reference. What
//! carries the bytes is generic: TCP, TLS in it, or a Unix socket.

mod client;
mod load;
mod serve;
mod site;
mod tls;

pub use client::{Client, Failure, connect};
pub use load::{Report, load};
pub use serve::{serve, serve_connection};
pub use site::Site;
pub use tls::{acceptor, connector};
