//! A time limit for a part of a task. The documentation's is 10 seconds, and here 1.
//!
//! `cargo run -p asyncio-examples --bin timeout`

use everloop::{Duration, TimeoutError, sleep, timeout};

async fn long_running_task() {
    sleep(Duration::from_secs(3600)).await;
}

/// `main` of the Python.
pub async fn main() {
    if let Err(TimeoutError { .. }) = timeout(Duration::from_secs(1)).run(long_running_task()).await {
        println!("The long operation timed out, but we've handled it.");
    }

    println!("This statement will run regardless.");
}
