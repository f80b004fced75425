//! The program that the documentation of `run` shows.
//!
//! `cargo run -p asyncio-examples --bin run`

use everloop::{Duration, sleep};

/// `main` of the Python.
pub async fn main() {
    sleep(Duration::from_secs(1)).await;
    println!("hello");
}
