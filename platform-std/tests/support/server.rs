//! What the tests of servers use.

use std::net::SocketAddr;

use everloop::net::{Server, SocketReader, SocketWriter};
use everloop::{open_connection, start_server};

use super::any_port;

/// Sends back every line.
pub async fn echo(mut reader: SocketReader, writer: SocketWriter) {
    while let Ok(line @ [_, ..]) = reader.readline().await {
        writer.write(line).unwrap();
        writer.drain().await.unwrap();
    }
}

/// Reads to the end and closes.
pub async fn until_the_end(mut reader: SocketReader, writer: SocketWriter) {
    while let Ok(1..) = reader.read(&mut [0; 64]).await {}
    writer.close();
    writer.wait_closed().await.unwrap();
}

/// A server at a port of this machine, and where that is.
pub async fn started<H: AsyncFn(SocketReader, SocketWriter) + 'static>(handler: H) -> (Server, SocketAddr) {
    let server = start_server(handler, any_port()).await.unwrap();
    let address = server.local_addrs()[0];
    (server, address)
}

/// Sends a line and expects it back.
pub async fn asks(address: SocketAddr, line: &[u8]) {
    let (mut reader, writer) = open_connection(address).await.unwrap();
    writer.write(line).unwrap();
    writer.drain().await.unwrap();
    assert_eq!(reader.readline().await.unwrap(), line);
}
