//! A task that runs on when whoever awaits it is cancelled, and ignores that.
//!
//! The documentation shows only the await; around it, both sides make the task and cancel who awaits it.
//!
//! `cargo run -p asyncio-examples --bin shield`

use everloop::{CancelledError, Duration, Task, catch_cancel, create_task, shield, sleep};

async fn something() -> i32 {
    sleep(Duration::from_secs(1)).await;
    println!("something(): done");
    42
}

/// Gives the handle back: a task has one, which `main` wants yet.
async fn caller(mut task: Task<i32>) -> Task<i32> {
    // Either may be cancelled, who awaits or the task: `except CancelledError` is both there.
    let res = match catch_cancel(shield(&mut task)).await {
        Ok(Ok(res)) => Some(res),
        Ok(Err(CancelledError { .. })) | Err(CancelledError { .. }) => None,
    };
    match res {
        Some(res) => println!("caller(): {res}"),
        None => println!("caller(): None"),
    }
    task
}

/// `main` of the Python.
///
/// # Errors
/// As the await of a cancelled task raises there.
pub async fn main() -> Result<(), CancelledError> {
    let task = create_task(something());
    let outer = create_task(caller(task));
    sleep(Duration::from_millis(500)).await;

    outer.cancel();
    let task = outer.await?;
    println!("main(): {}", task.await?);
    Ok(())
}
