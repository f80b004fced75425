//! `cargo run -p asyncio-examples --bin say_after_task_group`: see `src/say_after_task_group.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(everloop::run(asyncio_examples::say_after_task_group::main())??)
}
