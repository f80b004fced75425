//! What fits the platform into other crates, each behind its feature.
#![allow(missing_docs)]

#[cfg(feature = "embassy-time-driver")]
mod embassy_time;
#[cfg(feature = "futures-io")]
mod futures_io;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "hyper")]
mod hyper_timer;
#[path = "../support/mod.rs"]
mod support;
#[cfg(feature = "tokio-io")]
mod tokio_io;
#[cfg(feature = "tracing")]
mod tracing;
