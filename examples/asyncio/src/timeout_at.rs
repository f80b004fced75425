//! A part of a task that is to end at a point in time. The documentation's is 20 seconds away, and here 1.
//!
//! `cargo run -p asyncio-examples --bin timeout_at`

use everloop::{Duration, Instant, TimeoutError, sleep, timeout_at};

async fn long_running_task() {
    sleep(Duration::from_secs(3600)).await;
}

/// `main` of the Python.
pub async fn main() {
    let deadline = Instant::now() + Duration::from_secs(1);
    if let Err(TimeoutError { .. }) = timeout_at(deadline).run(long_running_task()).await {
        println!("The long operation timed out, but we've handled it.");
    }

    println!("This statement will run regardless.");
}
