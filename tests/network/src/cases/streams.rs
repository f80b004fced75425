//! asyncio's streams, as portable code has them.

use crate::client::Client;
use crate::failure::{During, Outcome, ensure};
use core::fmt::Write;
use everloop_core::net::{Buffers, StreamServer, Streams};
use everloop_core::{Duration, wait_for};
use heapless::String;

const BUFFERS: Buffers<48, 48> = Buffers;

/// A connection to the server by what is written of its address, spoken to by lines.
pub async fn to_a_host<N: Streams>(client: &Client<'_, N>) -> Outcome {
    let mut host = String::<40>::new();
    let _ = write!(host, "{}", client.server.ip());
    let opened = client.network.open_connection(&host, client.server.port(), BUFFERS).await;
    let (mut reader, mut writer) = opened.during("open a connection")?;
    ensure!(writer.write(b"echo\n").is_ok(), "the request does not fit");
    for line in [b"one\n", b"two\n"] {
        ensure!(writer.write(line).is_ok(), "the line does not fit");
        writer.drain().await.during("drain")?;
        let heard = reader.readline().await.ok();
        ensure!(heard == Some(line), "another line: {heard:?}");
    }
    writer.write_eof().await.during("end")?;
    let end = reader.readline().await.ok();
    ensure!(end == Some(b""), "{end:?} instead of the end");
    Ok(())
}

/// A server starts, closes, and starts again at the same port, at which nobody listens.
pub async fn server_started_twice<N: Streams>(client: &Client<'_, N>, port: u16) -> Outcome {
    for _ in 0..2 {
        let server = crate::lines::serve(client.network, port).await.during("start a server")?;
        ensure!(server.is_serving(), "it does not serve");
        ensure!(server.local_addr().is_some_and(|at| at.port() == port), "at {:?}", server.local_addr());
        server.close();
        ensure!(!server.is_serving() && server.local_addr().is_none(), "it serves once it is closed");
        ensure!(wait_for(server.wait_closed(), Duration::from_secs(5)).await.is_ok(), "it does not close");
    }
    Ok(())
}
