//! The client's side of the services.

use crate::failure::{During, Failure, ensure};
use crate::pattern::Tally;
use core::fmt;
use core::net::SocketAddr;
use everloop_core::embedded_io_async::{Read, Write};
use everloop_core::net::{Connection, ConnectionWriter, Network};
use everloop_core::{Duration, sleep};
use heapless::String;

/// The half of a network's connections to read from.
pub type Reader<N> = <<N as Network>::Connection as Connection>::Reader;
/// The half of a network's connections to write to.
pub type Writer<N> = <<N as Network>::Connection as Connection>::Writer;

/// How often it is asked what the server remembers, which it may have yet to hear.
const TRIES: u32 = 200;
/// How long after it is asked again.
const PAUSE: Duration = Duration::from_millis(25);

/// What the server remembers of connections.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    pub serial: u32,
    pub heard: Tally,
    pub end: u32,
}

/// Connects to a server of the services.
pub struct Client<'a, N> {
    pub network: &'a N,
    pub server: SocketAddr,
}

impl<'a, N: Network> Client<'a, N> {
    pub fn new(network: &'a N, server: SocketAddr) -> Self {
        Self { network, server }
    }

    /// A new connection that has asked for a service.
    pub async fn open(&self, request: fmt::Arguments<'_>) -> Result<(Reader<N>, Writer<N>), Failure> {
        let connection = self.network.connect(self.server).await.during("connect")?;
        let (reader, mut writer) = connection.split();
        let mut line = String::<48>::new();
        let fits = fmt::write(&mut line, request).is_ok() && line.push('\n').is_ok();
        ensure!(fits, "the request does not fit: {line}");
        writer.write_all(line.as_bytes()).await.during("ask")?;
        writer.flush().await.during("ask")?;
        Ok((reader, writer))
    }

    /// Asks a question whose answer is numbers.
    pub async fn ask<const M: usize>(&self, request: &str) -> Result<[u32; M], Failure> {
        let (mut reader, mut writer) = self.open(format_args!("{request}")).await?;
        writer.write_eof().await.during("end of a question")?;
        numbers(&mut reader).await
    }

    /// What the server remembers now.
    pub async fn last(&self) -> Result<Last, Failure> {
        let [serial, count, sum, end] = self.ask("last").await?;
        Ok(Last { serial, heard: Tally { count, sum }, end })
    }

    /// What the server remembers of the first connection after `before`, once it has heard its end.
    pub async fn after(&self, before: Last) -> Result<Last, Failure> {
        for _ in 0..TRIES {
            let last = self.last().await?;
            if last.serial != before.serial {
                return Ok(last);
            }
            sleep(PAUSE).await;
        }
        Err(Failure::new(format_args!("the server does not hear the end of a connection")))
    }

    /// Says something and hears it back.
    pub async fn echo(&self) -> Result<(), Failure> {
        let (mut reader, mut writer) = self.open(format_args!("echo")).await?;
        exchange(&mut reader, &mut writer, b"hello").await?;
        writer.write_eof().await.during("end of an echo")?;
        end(&mut reader).await
    }
}

/// Says something short on a connection that echoes, and hears it.
pub async fn exchange(reader: &mut impl Read, writer: &mut impl Write, text: &[u8]) -> Result<(), Failure> {
    writer.write_all(text).await.during("write")?;
    writer.flush().await.during("flush")?;
    let mut heard = [0; 64];
    let heard = &mut heard[..text.len()];
    match reader.read_exact(heard).await {
        Ok(()) => {}
        Err(error) => return Err(Failure::new(format_args!("read of an echo: {error:?}"))),
    }
    ensure!(heard == text, "another echo: {heard:?}");
    Ok(())
}

/// Nothing more comes.
pub async fn end(reader: &mut impl Read) -> Result<(), Failure> {
    let mut heard = [0];
    let count = reader.read(&mut heard).await.during("read of the end")?;
    ensure!(count == 0, "{} instead of the end", heard[0]);
    Ok(())
}

/// A line of numbers and the end.
pub async fn numbers<const M: usize>(reader: &mut impl Read) -> Result<[u32; M], Failure> {
    let mut line = [0; 64];
    let mut len = 0;
    loop {
        let count = reader.read(&mut line[len..]).await.during("read of an answer")?;
        if count == 0 {
            break;
        }
        len += count;
    }
    let text = str::from_utf8(&line[..len]).unwrap_or("no text");
    let mut words = text.split_ascii_whitespace().map(|word| word.parse().ok());
    let mut numbers = [0; M];
    for number in &mut numbers {
        match words.next().flatten() {
            Some(word) => *number = word,
            None => return Err(Failure::new(format_args!("`{text}` instead of {M} numbers"))),
        }
    }
    Ok(numbers)
}
