//! Prints "hello" after waiting for 1 second, and then "world" after waiting for *another* 2 seconds.
//!
//! `cargo run -p asyncio-examples --bin say_after`

use chrono::Local;
use everloop::{Duration, sleep};

async fn say_after(delay: u64, what: &str) {
    sleep(Duration::from_secs(delay)).await;
    println!("{what}");
}

/// `main` of the Python.
pub async fn main() {
    println!("started at {}", Local::now().format("%X"));

    say_after(1, "hello").await;
    say_after(2, "world").await;

    println!("finished at {}", Local::now().format("%X"));
}
