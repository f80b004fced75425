//! Connections that end badly, with errors that say so.

use crate::client::{Client, exchange};
use crate::failure::{During, Failure, Outcome, ensure};
use core::net::SocketAddr;
use embedded_io::{Error, ErrorKind};
use everloop_core::embedded_io_async::{Read, Write};
use everloop_core::net::{ConnectionWriter, Network};

/// The server gets an error, and the client's own half that waits gets one too.
pub async fn by_the_client<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("echo")).await?;
    exchange(&mut reader, &mut writer, b"soon gone").await?;
    writer.abort();
    let read = reader.read(&mut [0]).await.map_err(|error| error.kind());
    ensure!(read == Err(ErrorKind::ConnectionAborted), "{read:?} on an aborted connection");
    let written = writer.write_all(b"gone").await.map_err(|error| error.kind());
    ensure!(written == Err(ErrorKind::ConnectionAborted), "{written:?} on an aborted connection");
    // The server has lost nothing by it.
    drop((reader, writer));
    client.echo().await
}

/// The client gets an error; or just the end, if somebody in between makes that of it.
pub async fn by_the_server<N: Network>(client: &Client<'_, N>, direct: bool) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("abort")).await?;
    let mut heard = [0];
    reader.read(&mut heard).await.during("read")?;
    ensure!(heard == *b"!", "{heard:?} instead of a mark");
    writer.write_all(b"?").await.during("write")?;
    // The reset may be here before it is sure that this arrived.
    let _ = writer.flush().await;
    match reader.read(&mut heard).await.map_err(|error| error.kind()) {
        Err(ErrorKind::ConnectionReset) => {}
        Ok(0) if !direct => return Ok(()),
        other => return Err(Failure::new(format_args!("{other:?} instead of a reset"))),
    }
    // It stays that way, and holds for the other half too.
    let read = reader.read(&mut heard).await.map_err(|error| error.kind());
    ensure!(read != Ok(1), "something was read after a reset");
    let written = writer.write_all(b"gone").await;
    ensure!(written.is_err(), "something was written after a reset");
    Ok(())
}

pub async fn refused_connect<N: Network>(client: &Client<'_, N>, closed: u16) -> Outcome {
    let nobody = SocketAddr::new(client.server.ip(), closed);
    for _ in 0..10 {
        match client.network.connect(nobody).await.map_err(|error| error.kind()) {
            Err(ErrorKind::ConnectionRefused) => {}
            Err(other) => return Err(Failure::io("instead of a refusal", other)),
            Ok(_) => return Err(Failure::new(format_args!("somebody listens at the closed port"))),
        }
    }
    client.echo().await
}
