//! `cargo run -p asyncio-examples --bin work_queue`: see `src/work_queue.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::work_queue::main())
}
