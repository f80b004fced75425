//! A time limit that is known only inside the part that it limits. The documentation's is 10 seconds, and here 1.
//!
//! `cargo run -p asyncio-examples --bin timeout_reschedule`

use everloop::{Duration, Instant, RescheduleError, sleep, timeout};

async fn long_running_task() {
    sleep(Duration::from_secs(3600)).await;
}

/// `main` of the Python.
///
/// # Errors
/// As `reschedule` raises there outside of what is limited.
pub async fn main() -> Result<(), RescheduleError> {
    // We do not know the timeout when starting, so we pass `None`.
    let cm = timeout(None);
    let limited = cm.run(async {
        // We know the timeout now, so we reschedule it.
        let new_deadline = Instant::now() + Duration::from_secs(1);
        cm.reschedule(new_deadline)?;

        long_running_task().await;
        Ok(())
    });
    // `except TimeoutError` and `pass`: what is left is what the part itself gave.
    if let Ok(result) = limited.await {
        result?;
    }

    if cm.expired() {
        println!("Looks like we haven't finished on time.");
    }
    Ok(())
}
