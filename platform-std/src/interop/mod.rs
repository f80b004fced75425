//! What fits this crate into others. Each is behind a feature that is off by default:
//!
//! | feature | what it gives |
//! |---|---|
//! | `futures-io` | the traits of `futures-io` for [sockets](crate::net) |
//! | `tokio-io` | tokio's `AsyncRead` and `AsyncWrite` for sockets; tokio's runtime is not needed |
#![cfg_attr(feature = "hyper", doc = "| `hyper` | what hyper 1 asks of a runtime: see [`hyper`] |")]
#![cfg_attr(not(feature = "hyper"), doc = "| `hyper` | what hyper 1 asks of a runtime, for HTTP |")]
#![cfg_attr(
    feature = "embassy-time-driver",
    doc = "| `embassy-time-driver` | the clock and the alarm of `embassy-time`: see [`embassy_time`] |"
)]
#![cfg_attr(
    not(feature = "embassy-time-driver"),
    doc = "| `embassy-time-driver` | the clock and the alarm of `embassy-time` |"
)]
#![cfg_attr(feature = "tracing", doc = "| `tracing` | a span for each task: see [`tracing`] |")]
#![cfg_attr(not(feature = "tracing"), doc = "| `tracing` | a span for each task |")]
//!
//! Without any, the sockets have `poll_read`, `poll_write` and `poll_write_eof` for traits that are written by hand.

#[cfg(feature = "embassy-time-driver")]
pub mod embassy_time;
#[cfg(feature = "futures-io")]
mod futures_io;
#[cfg(feature = "hyper")]
pub mod hyper;
#[cfg(feature = "tokio-io")]
mod tokio_io;
#[cfg(feature = "tracing")]
pub mod tracing;
