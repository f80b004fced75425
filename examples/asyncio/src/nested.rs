//! What is called runs only when it is awaited.
//!
//! `cargo run -p asyncio-examples --bin nested`

async fn nested() -> i32 {
    42
}

/// `main` of the Python.
pub async fn main() {
    // Nothing happens if we just call "nested()".
    // A future is created but not awaited,
    // so it *won't run at all*.
    drop(nested()); // Without `drop`, the compiler warns.

    // Let's do it differently now and await it:
    println!("{}", nested().await); // will print "42".
}
