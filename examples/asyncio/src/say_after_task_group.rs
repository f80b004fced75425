//! The same with a task group, which waits for its tasks by itself.
//!
//! `cargo run -p asyncio-examples --bin say_after_task_group`

use std::convert::Infallible;

use chrono::Local;
use everloop::{Duration, ErrorGroup, Unbounded, sleep, task_group};

async fn say_after(delay: u64, what: &str) -> Result<(), Infallible> {
    sleep(Duration::from_secs(delay)).await;
    println!("{what}");
    Ok(())
}

/// `main` of the Python.
///
/// # Errors
/// As a group raises there what its tasks raise: here none does.
pub async fn main() -> Result<(), ErrorGroup<Infallible, Unbounded>> {
    task_group(Unbounded, async |tg| {
        let _task1 = tg.create_task(say_after(1, "hello"));

        let _task2 = tg.create_task(say_after(2, "world"));

        println!("started at {}", Local::now().format("%X"));
        Ok(())
    })
    // What leaving the context manager awaits there.
    .await?;

    println!("finished at {}", Local::now().format("%X"));
    Ok(())
}
