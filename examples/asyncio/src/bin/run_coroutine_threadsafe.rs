//! `cargo run -p asyncio-examples --bin run_coroutine_threadsafe`: see `src/run_coroutine_threadsafe.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::run_coroutine_threadsafe::main())
}
