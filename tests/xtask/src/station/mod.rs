//! The example station: starting one, and talking to one.
//!
//! The same program runs on the host and in QEMU; both speak the same lines over TCP.

mod client;
mod program;
mod reading;

pub use client::{Client, Heard};
pub use program::{GUEST, HOST, Program, Station};
pub use reading::{Order, Reading};
