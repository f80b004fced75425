//! `cargo run -p asyncio-examples --bin run_commands`: see `src/run_commands.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::run_commands::main())??)
}
