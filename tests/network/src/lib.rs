//! Conversations over TCP, written against core's traits alone, so that they run on a board and on a host.
//!
//! A [`Suite`] is both ends. It serves: each connection asks with its first line for a [`service`] (echo what I send, count
//! it, give me so many bytes, reset me, ...). And it is a client: when a connection asks for the service `cases`, the suite
//! runs its [`cases`] against the server that the line names, and answers with the lines of a test report. Whoever offers
//! the same services can be that server: a suite on another platform, or plain sockets.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg(feature = "board")]
mod board;
mod cases;
mod client;
mod failure;
mod lines;
#[cfg(feature = "board")]
mod own;
mod pattern;
mod report;
mod request;
mod server;
mod service;

#[cfg(feature = "board")]
pub use board::serve_on_board;
pub use report::Report;
pub use request::Order;
pub use server::{OwnCases, Suite};

/// The port that boards serve at, and answer datagrams; at the next they serve lines.
pub const PORT: u16 = 7000;
