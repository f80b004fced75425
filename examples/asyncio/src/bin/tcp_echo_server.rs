//! `cargo run -p asyncio-examples --bin tcp_echo_server`: see `src/tcp_echo_server.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    everloop::run(asyncio_examples::tcp_echo_server::main())?
}
