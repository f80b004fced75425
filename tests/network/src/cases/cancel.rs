//! What is dropped while it waits loses nothing, and frees what it held.

use crate::client::{Client, end, exchange, numbers};
use crate::failure::{During, Failure, Outcome, ensure};
use crate::pattern::{Tally, fill};
use core::net::SocketAddr;
use everloop_core::embedded_io_async::{Read, Write};
use everloop_core::net::{ConnectionWriter, Network};
use everloop_core::{Duration, wait_for};

const SHORT: Duration = Duration::from_millis(20);
/// More than all buffers between two hosts hold, of which one does not read.
const PLENTY: u32 = 512 * 1024;

pub async fn read<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("echo")).await?;
    for _ in 0..10 {
        let read = wait_for(reader.read(&mut [0; 8]), SHORT).await;
        ensure!(read.is_err(), "something was read that nobody sent");
        exchange(&mut reader, &mut writer, b"whole").await?;
    }
    writer.write_eof().await.during("end")?;
    end(&mut reader).await
}

/// The server does not read, so that writing has to wait, again and again.
pub async fn write<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("stall 500")).await?;
    let (mut sent, mut cancelled) = (0, 0);
    let mut chunk = [0; 400];
    // Up to the first write that was cancelled, and then some.
    let mut left = PLENTY;
    while left > 0 {
        fill(&mut chunk, 6, sent);
        match wait_for(writer.write(&chunk), SHORT).await {
            Ok(count) => {
                let count = count.during("write")? as u32;
                sent += count;
                left = left.saturating_sub(count);
            }
            Err(_cancelled) => {
                cancelled += 1;
                left = left.min(4000);
            }
        }
    }
    writer.write_eof().await.during("end")?;
    let [count, sum] = numbers(&mut reader).await?;
    ensure!(Tally { count, sum } == Tally::of(sent, 6), "{count} bytes of {sent} came, or others");
    ensure!(cancelled > 0 || sent >= PLENTY, "no write was cancelled within {sent} bytes");
    Ok(())
}

/// The server drops its waiting for connections all the time.
pub async fn accept<N: Network>(client: &Client<'_, N>) -> Outcome {
    let [] = client.ask("hasty 1").await?;
    let mut outcome = Ok(());
    for _ in 0..25 {
        outcome = client.echo().await;
        if outcome.is_err() {
            break;
        }
    }
    let [] = client.ask("hasty 0").await?;
    outcome
}

/// More often than there can be connections.
pub async fn connect<N: Network>(client: &Client<'_, N>, nowhere: SocketAddr) -> Outcome {
    for _ in 0..12 {
        if let Ok(connected) = wait_for(client.network.connect(nowhere), SHORT).await {
            let what = connected.err().map(|error| embedded_io::Error::kind(&error));
            return Err(Failure::new(format_args!("connecting to nowhere came to an end: {what:?}")));
        }
    }
    client.echo().await
}
