//! `cargo run -p asyncio-examples --bin run_command`: see `src/run_command.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::run_command::main())??)
}
