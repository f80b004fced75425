//! A connection of plain sockets that asks for a service.

use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server remembers of connections: how many there were, of the last one the bytes and their sum, and how it
/// ended.
pub type Last = [u32; 4];

/// A connection.
pub struct Visit(pub TcpStream);

impl Visit {
    /// Connects and asks.
    pub fn open(server: SocketAddr, request: &str) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&server, PATIENCE).context("could not connect")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut visit = Self(stream);
        visit.write(format!("{request}\n").as_bytes())?;
        Ok(visit)
    }

    /// Asks a question whose answer is numbers.
    pub fn ask<const N: usize>(server: SocketAddr, request: &str) -> Result<[u32; N]> {
        let mut visit = Self::open(server, request)?;
        visit.end()?;
        visit.numbers()
    }

    /// What the server remembers now.
    pub fn last(server: SocketAddr) -> Result<Last> {
        Self::ask(server, "last")
    }

    /// What it remembers of the first connection after `before`, once it has heard its end.
    pub fn after(server: SocketAddr, before: Last) -> Result<Last> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let last = Self::last(server)?;
            if last[0] != before[0] {
                return Ok(last);
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("the server does not hear the end of a connection")
    }

    /// Says something short and hears it back, on a connection that echoes.
    pub fn exchange(&mut self, text: &[u8]) -> Result<()> {
        self.write(text)?;
        let mut heard = vec![0; text.len()];
        self.0.read_exact(&mut heard).context("no echo")?;
        if heard != text {
            bail!("another echo: {heard:?}");
        }
        Ok(())
    }

    /// Sends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).context("connection lost while sending")
    }

    /// Sends the end.
    pub fn end(&self) -> Result<()> {
        self.0.shutdown(Shutdown::Write).context("could not send the end")
    }

    /// Reads to the end.
    pub fn rest(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0
            .read_to_end(&mut bytes)
            .with_context(|| format!("connection lost after {} bytes", bytes.len()))?;
        Ok(bytes)
    }

    /// Reads to the end, which are numbers.
    pub fn numbers<const N: usize>(&mut self) -> Result<[u32; N]> {
        let text = String::from_utf8(self.rest()?).context("no text")?;
        let numbers: Option<Vec<u32>> = text.split_ascii_whitespace().map(|word| word.parse().ok()).collect();
        let numbers = numbers.and_then(|numbers| numbers.try_into().ok());
        numbers.with_context(|| format!("`{text}` instead of {N} numbers"))
    }

    /// Ends with a reset.
    pub fn reset(self) -> Result<()> {
        let socket = socket2::Socket::from(self.0);
        socket.set_linger(Some(Duration::ZERO)).context("could not set SO_LINGER")
    }
}
