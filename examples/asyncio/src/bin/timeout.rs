//! `cargo run -p asyncio-examples --bin timeout`: see `src/timeout.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::timeout::main())
}
