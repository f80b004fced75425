//! A socket that is open already is read through buffers.
//!
//! `cargo run -p asyncio-examples --bin register_socket`

use std::error::Error;
use std::io::Write;
use std::os::unix::net::UnixStream;

use everloop::create_task;
use everloop::net;

/// `wait_for_data` of the Python.
///
/// # Errors
/// The operating system's, where the Python raises them.
pub async fn main() -> Result<(), Box<dyn Error>> {
    // Create a pair of connected sockets.
    let (rsock, mut wsock) = UnixStream::pair()?;

    // Register the open socket to wait for data.
    let (mut reader, writer) = net::UnixStream::from_std(rsock)?.buffered(net::DEFAULT_LIMIT);

    // Simulate the reception of data from the network
    let sent = create_task(async move { wsock.write_all(b"abc").map(|()| wsock) });

    // Wait for data
    let data = reader.read_some(100).await?;

    // Got data, we are done: close the socket
    println!("Received: {}", str::from_utf8(data)?);
    writer.close();
    writer.wait_closed().await?;

    // Close the second socket
    drop(sent.await??);
    Ok(())
}
