//! A client says something to a server and hears it back.
//!
//! `cargo run -p asyncio-examples --bin tcp_echo_client [PORT]`, beside the `tcp_echo_server` of this folder or of the
//! Python.

use std::error::Error;

use everloop::open_connection;

/// `tcp_echo_client` of the Python.
///
/// # Errors
/// No connection, or one that fails, where the Python raises them.
pub async fn tcp_echo_client(message: &str, port: u16) -> Result<(), Box<dyn Error>> {
    let (mut reader, writer) = open_connection(("127.0.0.1", port)).await?;

    println!("Send: '{message}'");
    writer.write(message.as_bytes())?;
    writer.drain().await?;

    let data = reader.read_some(100).await?;
    println!("Received: '{}'", str::from_utf8(data)?);

    println!("Close the connection");
    writer.close();
    writer.wait_closed().await?;
    Ok(())
}

/// What the Python runs.
///
/// # Errors
/// As `tcp_echo_client`.
pub async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).map_or(Ok(8888), |port| port.parse())?;
    tcp_echo_client("Hello World!", port).await
}
