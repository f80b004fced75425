//! Results in the order in which they come.
//!
//! The documentation connects to port 80 of the machine; here both sides sleep in place of that, so that every machine
//! prints the same. The Python iterates as it can before 3.13, where what it gets are not the tasks that it gave.
//!
//! `cargo run -p asyncio-examples --bin as_completed`

use std::pin::pin;

use everloop::{CancelledError, Duration, as_completed, create_task, sleep};

async fn open_connection(version: &'static str, delay: Duration) -> &'static str {
    sleep(delay).await;
    version
}

/// `main` of the Python.
///
/// # Errors
/// As the await of a cancelled task raises there.
pub async fn main() -> Result<(), CancelledError> {
    let ipv4_connect = create_task(open_connection("IPv4", Duration::from_secs(1)));
    let ipv6_connect = create_task(open_connection("IPv6", Duration::from_millis(500)));
    let tasks = [ipv4_connect, ipv6_connect];

    let mut completed = pin!(as_completed(tasks, None));
    // An `Err` is a timeout, and there is none.
    while let Some(Ok(next_connect)) = completed.next().await {
        // It is one of the tasks, and done: the await gives its result at once.
        let version = next_connect.await?;
        println!("{version} connection established.");
    }
    Ok(())
}
