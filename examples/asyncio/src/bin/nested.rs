//! `cargo run -p asyncio-examples --bin nested`: see `src/nested.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::nested::main())
}
