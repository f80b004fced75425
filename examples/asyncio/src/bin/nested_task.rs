//! `cargo run -p asyncio-examples --bin nested_task`: see `src/nested_task.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::nested_task::main())??)
}
