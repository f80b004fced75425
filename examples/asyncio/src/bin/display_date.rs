//! `cargo run -p asyncio-examples --bin display_date`: see `src/display_date.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::display_date::main())
}
