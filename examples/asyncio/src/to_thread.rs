//! A blocking function beside the loop, which goes on meanwhile.
//!
//! `cargo run -p asyncio-examples --bin to_thread`

use std::thread;

use chrono::Local;
use everloop::{CancelledError, Duration, gather, sleep, to_thread};

fn blocking_io() {
    println!("start blocking_io at {}", Local::now().format("%X"));
    // Note that thread::sleep() can be replaced with any blocking
    // IO-bound operation, such as file operations.
    thread::sleep(std::time::Duration::from_secs(1));
    println!("blocking_io complete at {}", Local::now().format("%X"));
}

/// `main` of the Python.
///
/// # Errors
/// As `gather` raises there if one of its coroutines is cancelled.
pub async fn main() -> Result<(), CancelledError> {
    println!("started main at {}", Local::now().format("%X"));

    let (blocking, slept) = gather((
        to_thread(blocking_io), //
        sleep(Duration::from_secs(1)),
    ))
    .await;
    blocking?;
    slept?;

    println!("finished main at {}", Local::now().format("%X"));
    Ok(())
}
