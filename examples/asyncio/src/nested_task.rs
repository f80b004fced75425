//! A task runs beside the one that creates it. This prints nothing.
//!
//! `cargo run -p asyncio-examples --bin nested_task`

use everloop::{CancelledError, create_task};

async fn nested() -> i32 {
    42
}

/// `main` of the Python.
///
/// # Errors
/// As the await of a cancelled task raises there.
pub async fn main() -> Result<(), CancelledError> {
    // Schedule nested() to run soon concurrently
    // with "main()".
    let task = create_task(nested());

    // "task" can now be used to cancel "nested()", or
    // can simply be awaited to wait until it is complete:
    task.await?;
    Ok(())
}
