//! `cargo run -p asyncio-examples --bin background_tasks`: see `src/background_tasks.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::background_tasks::main())
}
