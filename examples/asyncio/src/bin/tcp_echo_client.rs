//! `cargo run -p asyncio-examples --bin tcp_echo_client`: see `src/tcp_echo_client.rs`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    everloop::run(asyncio_examples::tcp_echo_client::main())?
}
