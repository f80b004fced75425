//! `cargo run -p asyncio-examples --bin timeout_at`: see `src/timeout_at.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::timeout_at::main())
}
