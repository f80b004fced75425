//! `cargo run -p asyncio-examples --bin as_completed`: see `src/as_completed.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::as_completed::main())??)
}
