//! A task that another thread submits to the loop, and blocks for its result.
//!
//! The documentation shows only what the thread does; around it, both sides start the thread and wait for it.
//!
//! `cargo run -p asyncio-examples --bin run_coroutine_threadsafe`

use std::thread;
use std::time::Duration as StdDuration;

use everloop::{Duration, LoopHandle, run_coroutine_threadsafe, sleep, to_thread};

fn in_thread(event_loop: &LoopHandle) {
    // What makes the coroutine is what can be sent.
    let coro = async || {
        sleep(Duration::from_secs(1)).await;
        3
    };

    // Submit the coroutine to a given loop
    let mut future = run_coroutine_threadsafe(coro, event_loop).expect("the loop runs");

    // Wait for the result with an optional timeout argument
    let timeout = StdDuration::from_secs(60);
    assert_eq!(future.wait_timeout(timeout), Ok(Ok(3)));
    println!("The coroutine returned 3");
}

/// `main` of the Python.
///
/// # Panics
/// If the thread does.
pub async fn main() {
    let event_loop = LoopHandle::current().expect("it runs in a loop");
    let thread = thread::spawn(move || in_thread(&event_loop));
    to_thread(|| thread.join()).await.expect("the thread does not panic");
}
