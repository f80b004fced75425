//! The program that the documentation of `run` shows, with a runner instead. That is all in `src/bin/runner.rs`: a
//! runner runs outside of any loop.
//!
//! `cargo run -p asyncio-examples --bin runner`

use everloop::{Duration, sleep};

/// `main` of the Python.
pub async fn main() {
    sleep(Duration::from_secs(1)).await;
    println!("hello");
}
