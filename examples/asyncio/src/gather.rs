//! Three computations at once, and their results in the order of the arguments.
//!
//! `cargo run -p asyncio-examples --bin gather`

use everloop::{CancelledError, Duration, gather, sleep};

async fn factorial(name: &str, number: u64) -> u64 {
    let mut f = 1;
    for i in 2..=number {
        println!("Task {name}: Compute factorial({number}), currently i={i}...");
        sleep(Duration::from_secs(1)).await;
        f *= i;
    }
    println!("Task {name}: factorial({number}) = {f}");
    f
}

/// `main` of the Python.
///
/// # Errors
/// As `gather` raises there if one of its coroutines is cancelled.
pub async fn main() -> Result<(), CancelledError> {
    // Schedule three calls *concurrently*:
    let [a, b, c] = gather([
        factorial("A", 2), //
        factorial("B", 3),
        factorial("C", 4),
    ])
    .await;
    println!("{:?}", [a?, b?, c?]);
    Ok(())
}
