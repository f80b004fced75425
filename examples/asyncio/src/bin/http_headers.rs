//! `cargo run -p asyncio-examples --bin http_headers`: see `src/http_headers.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    everloop::run(asyncio_examples::http_headers::main())?
}
