//! `cargo run -p asyncio-examples --bin timeout_reschedule`: see `src/timeout_reschedule.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::timeout_reschedule::main())??)
}
