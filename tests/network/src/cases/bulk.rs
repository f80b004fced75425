//! Much more than any buffer holds.

use crate::client::{Client, numbers};
use crate::failure::{During, Failure, Outcome, ensure};
use crate::pattern::{Tally, fill};
use everloop_core::embedded_io_async::Read;
use everloop_core::net::{ConnectionWriter, Network};
use everloop_core::try_gather;

const BULK: u32 = 256 * 1024;
/// The same for what goes there and back.
const ROUND_TRIP: u32 = 64 * 1024;
const CHUNK: usize = 400;

/// Sends so many bytes and the end.
pub async fn send(writer: &mut impl ConnectionWriter, count: u32, seed: u32) -> Result<(), Failure> {
    let mut chunk = [0; CHUNK];
    let mut sent = 0;
    while sent < count {
        let chunk = &mut chunk[..CHUNK.min((count - sent) as usize)];
        fill(chunk, seed, sent);
        writer.write_all(chunk).await.during("write")?;
        sent += chunk.len() as u32;
    }
    writer.write_eof().await.during("end")
}

/// Reads so many bytes and the end.
pub async fn receive(reader: &mut impl Read, count: u32, seed: u32) -> Outcome {
    let mut heard = Tally::default();
    let mut chunk = [0; CHUNK];
    loop {
        let count = reader.read(&mut chunk).await.during("read")?;
        if count == 0 {
            break;
        }
        heard.add(&chunk[..count]);
    }
    ensure!(heard == Tally::of(count, seed), "{} bytes of {count} came, or others", heard.count);
    Ok(())
}

pub async fn to_the_server<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("count")).await?;
    send(&mut writer, BULK, 7).await?;
    let [count, sum] = numbers(&mut reader).await?;
    ensure!(Tally { count, sum } == Tally::of(BULK, 7), "{count} bytes of {BULK} came, or others");
    Ok(())
}

pub async fn from_the_server<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, _writer) = client.open(format_args!("give {BULK} 8")).await?;
    receive(&mut reader, BULK, 8).await
}

pub async fn both_ways_at_once<N: Network>(client: &Client<'_, N>) -> Outcome {
    let (mut reader, mut writer) = client.open(format_args!("echo")).await?;
    try_gather((send(&mut writer, ROUND_TRIP, 9), receive(&mut reader, ROUND_TRIP, 9))).await?;
    Ok(())
}
