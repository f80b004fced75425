//! rustls' side of a connection, which knows of no socket and no task.

use std::io::{self, BufRead, ErrorKind, IoSlice, Read, Write};

use rustls::Connection;

use super::TlsError;

/// A connection's secrets and buffers.
///
/// Nothing in here runs foreign code but what the configuration was given, so it may be borrowed for a step of its own.
pub(super) struct State {
    conn: Connection,
    /// Received, and not yet taken in: from `taken` on.
    raw: Vec<u8>,
    taken: usize,
    /// Whether `close_notify` is among what was sent or is to be.
    ended: bool,
    /// The connection can't be used any more, and this is why.
    failed: Option<rustls::Error>,
}

impl State {
    /// With what was received of the connection already.
    pub(super) fn new(conn: Connection, received: Vec<u8>) -> Self {
        Self { conn, raw: received, taken: 0, ended: false, failed: None }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.conn
    }

    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.conn
    }

    pub(super) fn failure(&self) -> Option<&rustls::Error> {
        self.failed.as_ref()
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.conn.is_handshaking()
    }

    /// Whether bytes wait to be sent.
    pub(super) fn wants_write(&self) -> bool {
        self.conn.wants_write()
    }

    /// Sends some of what waits.
    pub(super) fn send(&mut self, to: &mut dyn Write) -> io::Result<usize> {
        self.conn.write_tls(to)
    }

    /// Takes in what the socket gave; nothing at all is its end.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            // It is noted, and what it means is said by the next read.
            let _ = self.conn.read_tls(&mut io::empty());
        } else if self.raw.is_empty() {
            let rest = self.take_in(bytes);
            self.raw.extend_from_slice(&bytes[bytes.len() - rest..]);
        } else {
            self.raw.extend_from_slice(bytes);
        }
    }

    /// Takes in what was received before. False if there is none.
    pub(super) fn receive_rest(&mut self) -> bool {
        if self.raw.is_empty() {
            return false;
        }
        let raw = std::mem::take(&mut self.raw);
        let rest = self.take_in(&raw[self.taken..]);
        if rest > 0 {
            (self.taken, self.raw) = (raw.len() - rest, raw);
        } else {
            self.taken = 0;
        }
        true
    }

    /// Takes in as much as there is room for. How many bytes are left.
    fn take_in(&mut self, mut bytes: &[u8]) -> usize {
        while !bytes.is_empty() && self.failed.is_none() {
            match self.conn.read_tls(&mut bytes) {
                // The peer has said its last word; what comes after it is none.
                Ok(0) => return 0,
                Ok(_) => {
                    if let Err(error) = self.conn.process_new_packets() {
                        self.failed = Some(error);
                    }
                }
                // What was received has to be read first.
                Err(_) if self.conn.reader().fill_buf().is_ok_and(|there| !there.is_empty()) => {
                    return bytes.len();
                }
                Err(_) => self.failed = Some(rustls::Error::General("a message that does not fit".into())),
            }
        }
        0
    }

    /// Reads what is there: `None` if more has to be received for that.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> Option<io::Result<usize>> {
        let mut count = 0;
        while count < buf.len() {
            match self.conn.reader().read(&mut buf[count..]) {
                Ok(0) => return Some(Ok(count)),
                Ok(more) => count += more,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !self.receive_rest() {
                        break;
                    }
                }
                Err(_) if count > 0 => break,
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Some(Err(TlsError::Truncated.into()));
                }
                Err(error) => return Some(Err(error)),
            }
        }
        match &self.failed {
            _ if count > 0 => Some(Ok(count)),
            Some(error) => Some(Err(TlsError::Protocol(error.clone()).into())),
            None => None,
        }
    }

    /// Takes bytes to send: all of them, or as many as there is room for.
    ///
    /// # Errors
    /// It has ended or failed.
    pub(super) fn write(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.check_writable()?;
        self.conn.writer().write_vectored(bufs)
    }

    pub(super) fn check_writable(&self) -> io::Result<()> {
        match &self.failed {
            Some(error) => Err(TlsError::Protocol(error.clone()).into()),
            None if self.ended => {
                Err(io::Error::new(ErrorKind::BrokenPipe, "the end of the stream was written already"))
            }
            None => Ok(()),
        }
    }

    /// Has `close_notify` sent after all else, once. After a failure the alert that tells of it is the end.
    pub(super) fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) && self.failed.is_none() {
            self.conn.send_close_notify();
        }
    }
}
