//! The example station: starting one, and talking to one.
//!
//! The same program runs on the host and in QEMU; both speak the same lines over TCP.

mod client;
mod program;
mod reading;

pub use client::{Client, Heard};
pub use program::{GUEST, HOST, PORT_TRIES, Program, Station, free_port, port_was_taken};
pub use reading::{Order, Reading};
