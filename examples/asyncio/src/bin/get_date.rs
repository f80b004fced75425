//! `cargo run -p asyncio-examples --bin get_date`: see `src/get_date.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    everloop::run(asyncio_examples::get_date::main())?
}
