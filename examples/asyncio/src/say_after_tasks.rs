//! The same with two tasks that run at once: 1 second faster than before.
//!
//! `cargo run -p asyncio-examples --bin say_after_tasks`

use chrono::Local;
use everloop::{CancelledError, Duration, create_task, sleep};

async fn say_after(delay: u64, what: &str) {
    sleep(Duration::from_secs(delay)).await;
    println!("{what}");
}

/// `main` of the Python.
///
/// # Errors
/// As the await of a cancelled task raises there.
pub async fn main() -> Result<(), CancelledError> {
    let task1 = create_task(say_after(1, "hello"));

    let task2 = create_task(say_after(2, "world"));

    println!("started at {}", Local::now().format("%X"));

    // Wait until both tasks are completed (should take
    // around 2 seconds.)
    task1.await?;
    task2.await?;

    println!("finished at {}", Local::now().format("%X"));
    Ok(())
}
