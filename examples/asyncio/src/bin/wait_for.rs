//! `cargo run -p asyncio-examples --bin wait_for`: see `src/wait_for.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::wait_for::main())
}
