//! `cargo run -p asyncio-examples --bin register_socket`: see `src/register_socket.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    everloop::run(asyncio_examples::register_socket::main())?
}
