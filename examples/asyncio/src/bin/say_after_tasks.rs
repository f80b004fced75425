//! `cargo run -p asyncio-examples --bin say_after_tasks`: see `src/say_after_tasks.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::say_after_tasks::main())??)
}
