//! `cargo run -p asyncio-examples --bin cancel_me`: see `src/cancel_me.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::cancel_me::main())
}
