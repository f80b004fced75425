//! What a connection can ask for.

use crate::pattern::{Tally, fill};
use crate::request::{LINE, Order, Request};
use crate::server::Suite;
use core::fmt::Write as _;
use embedded_io::{Error, ErrorKind};
use everloop_core::embedded_io_async::{Read, Write};
use everloop_core::net::{Connection, ConnectionWriter};
use everloop_core::{Duration, StreamReader, sleep};
use heapless::String;

/// What is moved at once.
const CHUNK: usize = 256;

/// Serves a connection; if it breaks, that is its end.
pub async fn serve<C: Connection>(suite: &'static Suite, connection: C) {
    let (reader, writer) = connection.split();
    let mut reader = StreamReader::new(reader, [0; LINE]);
    let request = match reader.readline().await {
        Ok(line) => Request::parse(line),
        Err(_) => None,
    };
    if let Some(request) = request {
        let _ = answer(suite, request, reader, writer).await;
    }
}

async fn answer<R: Read, W: ConnectionWriter<Error = R::Error>>(
    suite: &'static Suite,
    request: Request,
    mut reader: StreamReader<R, [u8; LINE]>,
    mut writer: W,
) -> Result<(), R::Error> {
    match request {
        Request::Echo => echo(&mut reader, &mut writer).await,
        Request::Count => count(&mut reader, &mut writer).await,
        Request::Stall(milliseconds) => {
            sleep(Duration::from_millis(milliseconds.into())).await;
            count(&mut reader, &mut writer).await
        }
        Request::Give(count, seed) => {
            give(&mut writer, count, seed).await?;
            writer.write_eof().await?;
            hear(suite, &mut reader).await;
            Ok(())
        }
        Request::Drop(count, seed) => give(&mut writer, count, seed).await,
        Request::Swallow => {
            hear(suite, &mut reader).await;
            Ok(())
        }
        Request::Abort => {
            writer.write_all(b"!").await?;
            writer.flush().await?;
            reader.read(&mut [0]).await?;
            writer.abort();
            Ok(())
        }
        Request::Last => {
            let memory = suite.memory.get();
            let numbers = [memory.serial, memory.heard.count, memory.heard.sum, memory.end.into()];
            say(&mut writer, &numbers).await
        }
        Request::Places => say(&mut writer, &[suite.places as u32]).await,
        Request::Hasty(hasty) => {
            suite.hasty.set(hasty);
            say(&mut writer, &[]).await
        }
        Request::Cases(order) => report(suite, order, &mut writer).await,
    }
}

async fn echo<R: Read>(
    reader: &mut StreamReader<R, [u8; LINE]>,
    writer: &mut impl ConnectionWriter<Error = R::Error>,
) -> Result<(), R::Error> {
    let mut chunk = [0; CHUNK];
    loop {
        let count = reader.read(&mut chunk).await?;
        if count == 0 {
            return writer.write_eof().await;
        }
        writer.write_all(&chunk[..count]).await?;
    }
}

/// What comes until the end, and how it ends.
async fn tally<R: Read>(reader: &mut StreamReader<R, [u8; LINE]>) -> (Tally, Result<(), R::Error>) {
    let mut heard = Tally::default();
    let mut chunk = [0; CHUNK];
    loop {
        match reader.read(&mut chunk).await {
            Ok(0) => return (heard, Ok(())),
            Ok(count) => heard.add(&chunk[..count]),
            Err(error) => return (heard, Err(error)),
        }
    }
}

async fn count<R: Read>(
    reader: &mut StreamReader<R, [u8; LINE]>,
    writer: &mut impl ConnectionWriter<Error = R::Error>,
) -> Result<(), R::Error> {
    let (heard, end) = tally(reader).await;
    end?;
    say(writer, &[heard.count, heard.sum]).await
}

async fn hear<R: Read>(suite: &Suite, reader: &mut StreamReader<R, [u8; LINE]>) {
    let (heard, end) = tally(reader).await;
    let end = match end.map_err(|error| error.kind()) {
        Ok(()) => 0,
        Err(ErrorKind::ConnectionReset) => 1,
        Err(_) => 2,
    };
    suite.remember(heard, end);
}

async fn give<W: Write>(writer: &mut W, count: u32, seed: u32) -> Result<(), W::Error> {
    let mut chunk = [0; CHUNK];
    let mut sent = 0;
    while sent < count {
        let chunk = &mut chunk[..CHUNK.min((count - sent) as usize)];
        fill(chunk, seed, sent);
        writer.write_all(chunk).await?;
        sent += chunk.len() as u32;
    }
    Ok(())
}

/// A line of numbers, and the end.
async fn say<W: ConnectionWriter>(writer: &mut W, numbers: &[u32]) -> Result<(), W::Error> {
    // Four numbers fit.
    let mut line = String::<48>::new();
    for number in numbers {
        let _ = write!(line, "{number} ");
    }
    let _ = line.push('\n');
    writer.write_all(line.as_bytes()).await?;
    writer.write_eof().await
}

/// Has the cases run, and sends what they say, line by line.
async fn report<W: ConnectionWriter>(
    suite: &'static Suite,
    order: Order,
    writer: &mut W,
) -> Result<(), W::Error> {
    // Nobody shuts the queues down.
    let _ = suite.orders.put(order).await;
    let mut sound = Ok(());
    while let Ok(line) = suite.lines.get().await {
        // Who no longer listens does not keep the cases from their end.
        if sound.is_ok() {
            sound = writer.write_all(line.text.as_bytes()).await;
        }
        if line.last {
            break;
        }
    }
    sound?;
    writer.write_eof().await
}
