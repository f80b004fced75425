use core::net::SocketAddr;

use embedded_io_async::{ErrorType, Read, ReadReady, Write, WriteReady};
use everloop_core::net::{Connection, ConnectionWriter};

use super::error::Error;
use super::reader::TcpReader;
use super::stack::Stack;
use super::writer::TcpWriter;

/// A TCP connection. It reads and writes as it is, or as two halves after [`split`](Connection::split).
///
/// When it, or the last of its halves, is dropped, the connection closes in good order by itself: what was written is
/// still delivered. See the module's docs on how long that may take.
#[derive(Debug)]
pub struct TcpConnection {
    reader: TcpReader,
    writer: TcpWriter,
    local: SocketAddr,
    peer: SocketAddr,
}

impl TcpConnection {
    /// The connection in slot `index`, which was just owned for it.
    pub(super) fn new(stack: Stack, index: usize) -> Result<Self, Error> {
        // The halves first: whatever happens next, they free the slot.
        let (reader, writer) = (TcpReader::new(stack, index), TcpWriter::new(stack, index));
        let (local, peer) = stack.shared.interface.borrow().ends(index).ok_or(Error::NotConnected)?;
        Ok(Self { reader, writer, local, peer })
    }

    /// Its slot.
    pub(super) fn index(&self) -> usize {
        self.reader.index()
    }
}

impl Connection for TcpConnection {
    type Error = Error;
    type Reader = TcpReader;
    type Writer = TcpWriter;

    fn split(self) -> (TcpReader, TcpWriter) {
        (self.reader, self.writer)
    }

    fn peer_addr(&self) -> Result<SocketAddr, Error> {
        Ok(self.peer)
    }

    fn local_addr(&self) -> Result<SocketAddr, Error> {
        Ok(self.local)
    }
}

impl ErrorType for TcpConnection {
    type Error = Error;
}

impl Read for TcpConnection {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.reader.read(buf).await
    }
}

impl Write for TcpConnection {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        self.writer.write(buf).await
    }

    async fn flush(&mut self) -> Result<(), Error> {
        self.writer.flush().await
    }
}

impl ReadReady for TcpConnection {
    fn read_ready(&mut self) -> Result<bool, Error> {
        self.reader.read_ready()
    }
}

impl WriteReady for TcpConnection {
    fn write_ready(&mut self) -> Result<bool, Error> {
        self.writer.write_ready()
    }
}

impl ConnectionWriter for TcpConnection {
    async fn write_eof(&mut self) -> Result<(), Error> {
        self.writer.write_eof().await
    }

    fn abort(&mut self) {
        self.writer.abort();
    }
}
