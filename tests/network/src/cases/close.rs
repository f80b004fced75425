//! Closing one half, and closing while data is under way.

use super::bulk::{receive, send};
use crate::client::{Client, numbers};
use crate::failure::{During, Outcome, ensure};
use crate::pattern::{Tally, fill};
use everloop_core::embedded_io_async::Write;
use everloop_core::net::{ConnectionWriter, Network};
use everloop_core::{Duration, sleep};

const SOME: u32 = 3000;
/// What is under way as the connection is closed; it does not fit into a board's buffers.
const FLIGHT: u32 = 20_000;

/// After our end the server's answer still comes.
pub async fn half_by_the_client<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("count")).await?;
    send(&mut writer, SOME, 1).await?;
    drop(writer);
    let [count, sum] = numbers(&mut reader).await?;
    ensure!(Tally { count, sum } == Tally::of(SOME, 1), "{count} bytes of {SOME} came, or others");
    Ok(())
}

/// After the server's end it still hears us.
pub async fn half_by_the_server<N: Network>(client: &Client<'_, N>) -> Outcome {
    let before = client.last().await?;
    let (mut reader, mut writer) = client.open(format_args!("give {SOME} 2")).await?;
    receive(&mut reader, SOME, 2).await?;
    drop(reader);
    sleep(Duration::from_millis(50)).await;
    send(&mut writer, SOME, 3).await?;
    drop(writer);
    let last = client.after(before).await?;
    ensure!(last.heard == Tally::of(SOME, 3), "{} bytes of {SOME} came, or others", last.heard.count);
    ensure!(last.end == 0, "the server heard no end, but error {}", last.end);
    Ok(())
}

/// What was written before both halves were dropped is delivered.
pub async fn in_flight_by_the_client<N: Network>(client: &Client<'_, N>) -> Outcome {
    let before = client.last().await?;
    let (reader, mut writer) = client.open(format_args!("swallow")).await?;
    let mut chunk = [0; 500];
    for at in (0..FLIGHT).step_by(chunk.len()) {
        fill(&mut chunk, 4, at);
        writer.write_all(&chunk).await.during("write")?;
    }
    drop(writer);
    drop(reader);
    let last = client.after(before).await?;
    ensure!(last.heard == Tally::of(FLIGHT, 4), "{} bytes of {FLIGHT} came, or others", last.heard.count);
    ensure!(last.end == 0, "the server heard no end, but error {}", last.end);
    Ok(())
}

/// The same of the server, which has gone before we read the first byte.
pub async fn in_flight_by_the_server<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("drop {FLIGHT} 5")).await?;
    sleep(Duration::from_millis(300)).await;
    receive(&mut reader, FLIGHT, 5).await?;
    writer.write_eof().await.during("end")
}
