//! `cargo run -p asyncio-examples --bin runner`: see `src/runner.rs`.

use everloop::{RunError, Runner};

fn main() -> Result<(), RunError> {
    let mut runner = Runner::new();
    runner.run(asyncio_examples::runner::main())?;
    // What leaving the context manager does there.
    runner.close()
}
