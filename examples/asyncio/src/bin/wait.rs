//! `cargo run -p asyncio-examples --bin wait`: see `src/wait.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::wait::main())??)
}
