//! Gives up after 1 second what would take an hour.
//!
//! `cargo run -p asyncio-examples --bin wait_for`

use everloop::{Duration, TimeoutError, sleep, wait_for};

async fn eternity() {
    // Sleep for one hour
    sleep(Duration::from_secs(3600)).await;
    println!("yay!");
}

/// `main` of the Python.
pub async fn main() {
    // Wait for at most 1 second
    if let Err(TimeoutError { .. }) = wait_for(eternity(), Duration::from_secs(1)).await {
        println!("timeout!");
    }
}
