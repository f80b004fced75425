//! How a task can intercept the request to cancel it, clean up, and go on ending.
//!
//! `cargo run -p asyncio-examples --bin cancel_me`

use everloop::{CancelledError, Duration, catch_cancel, create_task, sleep};

async fn cancel_me() {
    println!("cancel_me(): before sleep");

    // Wait for 1 hour
    let slept = catch_cancel(sleep(Duration::from_secs(3600))).await;
    if slept.is_err() {
        println!("cancel_me(): cancel sleep");
    }
    // What `finally` does is what comes after, before going on with the cancellation.
    println!("cancel_me(): after sleep");
    if let Err(cancelled) = slept {
        cancelled.resume().await;
    }
}

/// `main` of the Python.
pub async fn main() {
    // Create a "cancel_me" Task
    let task = create_task(cancel_me());

    // Wait for 1 second
    sleep(Duration::from_secs(1)).await;

    task.cancel();
    if let Err(CancelledError { .. }) = task.await {
        println!("main(): cancel_me is cancelled now");
    }
}
