//! How to end a task group early: by a task that fails with an error made for that.
//!
//! `cargo run -p asyncio-examples --bin terminate_task_group`

use everloop::{Duration, Unbounded, sleep, task_group};

/// The error that terminates a task group.
struct TerminateTaskGroup;

/// Used to force termination of a task group.
async fn force_terminate_task_group() -> Result<(), TerminateTaskGroup> {
    Err(TerminateTaskGroup)
}

async fn job(task_id: u32, sleep_time: Duration) -> Result<(), TerminateTaskGroup> {
    println!("Task {task_id}: start");
    sleep(sleep_time).await;
    println!("Task {task_id}: done");
    Ok(())
}

/// `main` of the Python.
pub async fn main() {
    let group = task_group(Unbounded, async |group| {
        // spawn some tasks
        group.create_task(job(1, Duration::from_millis(500)));
        group.create_task(job(2, Duration::from_millis(1500)));
        // sleep for 1 second
        sleep(Duration::from_secs(1)).await;
        // add a task that fails to force the group to terminate
        group.create_task(force_terminate_task_group());
        Ok(())
    });
    if let Err(errors) = group.await {
        // `except*` and `pass`: there is no other error in it, by its type.
        for TerminateTaskGroup in errors {}
    }
}
