//! Prints "hello", waits 1 second, and then prints "world".
//!
//! `cargo run -p asyncio-examples --bin hello_world`

use everloop::{Duration, sleep};

/// `main` of the Python.
pub async fn main() {
    println!("hello");
    sleep(Duration::from_secs(1)).await;
    println!("world");
}
