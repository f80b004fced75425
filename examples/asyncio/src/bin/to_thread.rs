//! `cargo run -p asyncio-examples --bin to_thread`: see `src/to_thread.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::to_thread::main())??)
}
