//! A server says what it hears.
//!
//! `cargo run -p asyncio-examples --bin tcp_echo_server [PORT]`

use std::error::Error;
use std::net::SocketAddr;

use everloop::net::{SocketReader, SocketWriter};
use everloop::start_server;

/// `handle_echo` of the Python.
///
/// # Errors
/// The connection fails, where the Python raises it.
async fn handle_echo(mut reader: SocketReader, writer: SocketWriter) -> Result<(), Box<dyn Error>> {
    let data = reader.read_some(100).await?;
    let message = str::from_utf8(data)?;
    let addr = writer.get_extra_info().peername();

    println!("Received '{message}' from {}", addr.map_or_else(String::new, shown));

    println!("Send: '{message}'");
    writer.write(data)?;
    writer.drain().await?;

    println!("Close the connection");
    writer.close();
    writer.wait_closed().await?;
    Ok(())
}

/// As Python shows it.
fn shown(addr: &SocketAddr) -> String {
    format!("('{}', {})", addr.ip(), addr.port())
}

/// `main` of the Python.
///
/// # Errors
/// The port is taken, where the Python raises it.
pub async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(8888), |port| port.parse())?;
    let handler = async |reader, writer| {
        if let Err(error) = handle_echo(reader, writer).await {
            eprintln!("{error}");
        }
    };
    let server = start_server(handler, ("127.0.0.1", port)).await?;

    let addrs: Vec<_> = server.local_addrs().iter().map(shown).collect();
    println!("Serving on {}", addrs.join(", "));

    server.serve_forever().await?;
    Ok(())
}
