//! The other end of a connection: sends lines and expects lines.

use embedded_io::ErrorKind;
use embedded_io_async::Write;
use everloop_core::net::ConnectionWriter;
use everloop_core::stream::ReadError;
use everloop_core::{Duration, StreamReader, wait_for};

use super::pipe::{Sink, Source};

pub struct Client {
    reader: StreamReader<Source, [u8; 256]>,
    writer: Sink,
}

impl Client {
    pub fn new(source: Source, sink: Sink) -> Self {
        Self { reader: StreamReader::new(source, [0; 256]), writer: sink }
    }

    /// What it reads from, and what it sends by.
    pub fn split(self) -> (StreamReader<Source, [u8; 256]>, Sink) {
        (self.reader, self.writer)
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).await.unwrap();
    }

    pub async fn try_send(&mut self, bytes: &[u8]) -> Result<(), ErrorKind> {
        self.writer.write_all(bytes).await
    }

    /// The next line without its end; `None` when the station closed.
    pub async fn try_line(&mut self) -> Result<Option<String>, ErrorKind> {
        match self.reader.readline().await {
            Ok([]) => Ok(None),
            Ok(line) => {
                let line = line.strip_suffix(b"\n").expect("a line that ends");
                Ok(Some(String::from_utf8(line.to_vec()).unwrap()))
            }
            Err(ReadError::Io(error)) => Err(error),
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn line(&mut self) -> String {
        self.try_line().await.unwrap().expect("a line and not the end")
    }

    /// Sends a line. The first line of the reply.
    pub async fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\n").as_bytes()).await;
        self.line().await
    }

    /// Asks for a reading: its number, time and temperature.
    pub async fn get(&mut self) -> (u64, u64, i32) {
        reading(&self.ask("GET").await)
    }

    /// The next line, which must be a reading.
    pub async fn reading(&mut self) -> (u64, u64, i32) {
        reading(&self.line().await)
    }

    /// The station closes in good order and says nothing more.
    pub async fn end(&mut self) {
        assert_eq!(self.try_line().await, Ok(None));
    }

    /// The station says nothing for so long.
    pub async fn silence(&mut self, span: Duration) {
        if let Ok(heard) = wait_for(self.try_line(), span).await {
            panic!("{heard:?} instead of silence");
        }
    }

    /// Sends without an end, always faster than the station reads.
    pub fn flood(&self) {
        self.writer.flood();
    }

    /// Closes the sending half.
    pub async fn close(&mut self) {
        self.writer.write_eof().await.unwrap();
    }

    pub async fn quit(mut self) {
        assert_eq!(self.ask("QUIT").await, "BYE");
        self.end().await;
    }
}

fn reading(line: &str) -> (u64, u64, i32) {
    let words: Vec<_> = line.split(' ').collect();
    let ["READING", seq, millis, value] = words.as_slice() else { panic!("`{line}` is no reading") };
    (seq.parse().unwrap(), millis.parse().unwrap(), value.parse().unwrap())
}
