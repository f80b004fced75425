//! `cargo run -p asyncio-examples --bin gather`: see `src/gather.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::gather::main())??)
}
