//! Waits for a set of tasks, and looks whether a task is among those that are done.
//!
//! `cargo run -p asyncio-examples --bin wait`

use everloop::{EmptySetError, ReturnWhen, create_task, wait};

async fn foo() -> i32 {
    42
}

/// `main` of the Python.
///
/// # Errors
/// As `wait` raises there if the set is empty, which it is not.
pub async fn main() -> Result<(), EmptySetError> {
    let task = create_task(foo());
    let mut tasks = [&task];
    let (done, pending) = wait(&mut tasks, None, ReturnWhen::AllCompleted).await?;

    if done.iter().any(|done| done.id() == task.id()) {
        // Everything will work as expected now.
        if let Ok(Ok(result)) = task.result() {
            println!("{result} {}", pending.len());
        }
    }
    Ok(())
}
