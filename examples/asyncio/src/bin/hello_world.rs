//! `cargo run -p asyncio-examples --bin hello_world`: see `src/hello_world.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::hello_world::main())
}
