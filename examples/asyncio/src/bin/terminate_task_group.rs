//! `cargo run -p asyncio-examples --bin terminate_task_group`: see `src/terminate_task_group.rs`.

use everloop::RunError;

fn main() -> Result<(), RunError> {
    everloop::run(asyncio_examples::terminate_task_group::main())
}
