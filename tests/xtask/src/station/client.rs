//! A plain client of a station: blocking sockets, as any other program would use.

use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long a reply may take when nothing else is said.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What came in a given time.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A whole line, without its end.
    Line(String),
    /// The station closed.
    End,
    /// Nothing, or not yet a whole line.
    Silence,
}

/// One connection.
pub struct Client {
    stream: TcpStream,
    /// What was received and not yet given out.
    received: Vec<u8>,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)
            .with_context(|| format!("could not connect to {address}"))?;
        // A small request must leave at once, or the latencies are those of Nagle's algorithm.
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).context("connection lost while sending")
    }

    /// Sends a line.
    pub fn send(&mut self, line: &str) -> Result<()> {
        self.send_bytes(format!("{line}\n").as_bytes())
    }

    /// What comes within `limit`.
    pub fn hear(&mut self, limit: Duration) -> Result<Heard> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                let line = String::from_utf8(line).context("the station sent what is no UTF-8")?;
                return Ok(Heard::Line(line.trim_end_matches(['\r', '\n']).to_owned()));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Heard::Silence);
            }
            self.stream.set_read_timeout(Some(left))?;
            let mut bytes = [0; 512];
            match self.stream.read(&mut bytes) {
                Ok(0) if self.received.is_empty() => return Ok(Heard::End),
                Ok(0) => bail!("the station closed in the middle of a line"),
                Ok(count) => self.received.extend_from_slice(&bytes[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                    _ => return Err(error).context("connection lost"),
                },
            }
        }
    }

    /// The next line, which must come.
    pub fn line(&mut self) -> Result<String> {
        self.line_within(PATIENCE)
    }

    /// The next line, which must come within `limit`.
    pub fn line_within(&mut self, limit: Duration) -> Result<String> {
        match self.hear(limit)? {
            Heard::Line(line) => Ok(line),
            Heard::End => bail!("connection lost: the station closed it"),
            Heard::Silence => bail!("no line from the station for {:.1} s", limit.as_secs_f32()),
        }
    }

    /// Sends a line and returns the reply's first.
    pub fn ask(&mut self, line: &str) -> Result<String> {
        self.send(line)?;
        self.line().with_context(|| format!("after `{line}`"))
    }

    /// The station must close now, with nothing more to say.
    pub fn expect_end(&mut self) -> Result<()> {
        match self.hear(PATIENCE)? {
            Heard::End => Ok(()),
            Heard::Line(line) => bail!("`{line}` instead of the end"),
            Heard::Silence => bail!("the station did not close"),
        }
    }

    /// Says goodbye and waits for the end, so that the station's place is free again.
    pub fn quit(mut self) -> Result<()> {
        self.send("QUIT")?;
        loop {
            match self.line()?.as_str() {
                "BYE" => return self.expect_end(),
                // What a subscription had sent before.
                line if line.starts_with("READING ") => {}
                line => bail!("`{line}` instead of `BYE`"),
            }
        }
    }

    /// Closes the sending half.
    pub fn shutdown_write(&self) -> Result<()> {
        self.stream.shutdown(Shutdown::Write).context("could not close the sending half")
    }

    /// Ends with a reset instead of an orderly close.
    pub fn reset(self) -> Result<()> {
        let socket = socket2::Socket::from(self.stream);
        socket.set_linger(Some(Duration::ZERO)).context("could not set SO_LINGER")
    }
}
