use everloop_core::net::Connection;
use everloop_core::stream::ReadError;
use everloop_core::{StreamReader, yield_now};

use crate::command::{Command, LINE_LIMIT, Refusal};
use crate::parting::Parting;

/// What a line asks for, or what is wrong with it.
pub(crate) type Request = Result<Command, Refusal>;

/// The requests of one client.
pub(crate) struct Requests<C: Connection> {
    /// The longest line fits with its `\r\n`.
    lines: StreamReader<C::Reader, [u8; LINE_LIMIT + 2]>,
    /// What comes next belongs to a line that is too long.
    too_long: bool,
}

impl<C: Connection> Requests<C> {
    pub(crate) fn new(source: C::Reader) -> Self {
        Self { lines: StreamReader::new(source, [0; LINE_LIMIT + 2]), too_long: false }
    }

    /// Waits for the next request. May be dropped at any time: what was received is kept for the next call.
    ///
    /// A line that is too long is refused once, when its end has come. What a client that left had not yet ended is
    /// no request.
    pub(crate) async fn next(&mut self) -> Result<Request, Parting> {
        loop {
            // A client that sends faster than it is read would otherwise never give the others a turn.
            yield_now().await;
            match self.lines.readline().await {
                Ok(line) => {
                    let Some(line) = line.strip_suffix(b"\n") else { return Err(Parting::Orderly) };
                    if core::mem::take(&mut self.too_long) {
                        return Ok(Err(Refusal::LineTooLong));
                    }
                    let line = line.strip_suffix(b"\r").unwrap_or(line);
                    if let Some(request) = Command::parse(line).transpose() {
                        return Ok(request);
                    }
                }
                // What there was of it is dropped.
                Err(ReadError::LimitOverrun(_)) => self.too_long = true,
                Err(ReadError::Incomplete(_) | ReadError::Io(_)) => return Err(Parting::Broken),
            }
        }
    }
}
