use core::fmt::Write as _;

use everloop_core::net::ConnectionWriter;
use everloop_core::{Duration, StreamWriter, wait_for};

use crate::parting::Parting;
use crate::reply::{LONGEST, Reply};

/// How long a client may take to read what it asked for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Room for the longest reply twice, so that short ones travel together.
const BUFFER: usize = 2 * LONGEST;

/// The replies to one client.
#[derive(Debug)]
pub(crate) struct Replies<W> {
    lines: StreamWriter<W, [u8; BUFFER]>,
}

impl<W: ConnectionWriter> Replies<W> {
    pub(crate) fn new(sink: W) -> Self {
        Self { lines: StreamWriter::new(sink, [0; BUFFER]) }
    }

    /// Adds a line to those that wait to be sent; makes room for it first.
    pub(crate) async fn put(&mut self, reply: Reply) -> Result<(), Parting> {
        if self.lines.pending() + LONGEST > BUFFER {
            self.flush().await?;
        }
        // It fits, so this can't fail.
        let _ = writeln!(self.lines, "{reply}");
        Ok(())
    }

    /// Sends what waits.
    pub(crate) async fn flush(&mut self) -> Result<(), Parting> {
        match wait_for(self.lines.drain(), PATIENCE).await {
            Ok(sent) => sent.map_err(|_lost| Parting::Broken),
            Err(_timeout) => Err(Parting::Stuck),
        }
    }

    /// Adds a line and sends what waits.
    pub(crate) async fn send(&mut self, reply: Reply) -> Result<(), Parting> {
        self.put(reply).await?;
        self.flush().await
    }

    /// Ends the connection: in good order, or by a reset if the client does not take what waits.
    pub(crate) async fn end(&mut self, parting: Parting) {
        let taken = match parting {
            Parting::Orderly => wait_for(self.lines.write_eof(), PATIENCE).await.is_ok(),
            Parting::Stuck => false,
            Parting::Broken => true,
        };
        if !taken {
            self.lines.abort();
        }
    }
}
