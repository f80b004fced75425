//! `cargo run -p asyncio-examples --bin say_after`: see `src/say_after.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::say_after::main())
}
