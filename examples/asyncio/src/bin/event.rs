//! `cargo run -p asyncio-examples --bin event`: see `src/event.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::event::main())
}
