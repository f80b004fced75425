//! `cargo run -p asyncio-examples --bin run`: see `src/run.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::run::main())
}
