//! `cargo run -p asyncio-examples --bin shield`: see `src/shield.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::shield::main())??)
}
