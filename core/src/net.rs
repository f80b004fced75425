//! The traits by which portable code connects and listens: each platform's TCP implements them.
//!
//! They are over [`embedded_io_async`], so a connection also works with any crate that reads and writes through
//! those traits. None of the futures needs to be `Send`: a connection stays on the loop that made it.

mod streams;

use core::net::SocketAddr;
use core::task::Waker;

use embedded_io_async::{Read, Write};

pub use streams::{Buffers, NetworkReader, NetworkWriter, ServeError, StreamServer, Streams};

/// The write half of a [`Connection`].
#[allow(async_fn_in_trait)]
pub trait ConnectionWriter: Write {
    /// Sends all that was written, then the end of the stream; the peer's read then gives end-of-file while
    /// this side can still read.
    ///
    /// # Cancel safety
    /// May be called again after being dropped.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the platform's driver does.
    async fn write_eof(&mut self) -> Result<(), Self::Error>;

    /// Resets the connection: what was not sent yet is lost and the peer sees an error.
    fn abort(&mut self);

    /// Writes some bytes of several pieces, one after the other, with one call if the platform has that: at least one
    /// byte, unless all are empty. If nothing else is said it writes of the first that is not empty.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has written nothing.
    ///
    /// # Allocation
    /// As `write`.
    ///
    /// # Wakes from interrupts
    /// As the platform's driver does.
    async fn write_vectored(&mut self, pieces: &[&[u8]]) -> Result<usize, Self::Error> {
        match pieces.iter().find(|piece| !piece.is_empty()) {
            Some(piece) => self.write(piece).await,
            None => Ok(0),
        }
    }

    /// Closes the connection in good order, where the platform can also under its other half, which then reads the end:
    /// what was written is still delivered. If nothing else is said it is [`write_eof`](Self::write_eof).
    ///
    /// # Cancel safety
    /// May be called again after being dropped.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As the platform's driver does.
    async fn close(&mut self) -> Result<(), Self::Error> {
        self.write_eof().await
    }

    /// Has `waker` woken once the loop has looked at its input, behind those whom that wakes: for a task that has written
    /// much without waiting. False if it does not do that, as when nothing else is said.
    fn wake_after_look(&mut self, _waker: &Waker) -> bool {
        false
    }
}

/// A connected byte stream, split into a half to read from and a half to write to.
///
/// `read` and `write` of the halves are cancel-safe: a future dropped before it was ready moved no byte.
/// When both halves are dropped the connection closes in good order: what was written is still delivered.
pub trait Connection: 'static {
    /// Why a read or write failed.
    type Error: embedded_io_async::Error + 'static;
    /// The half to read from.
    type Reader: Read<Error = Self::Error> + 'static;
    /// The half to write to.
    type Writer: ConnectionWriter<Error = Self::Error> + 'static;

    /// The two halves, which may be used by different tasks of one loop.
    fn split(self) -> (Self::Reader, Self::Writer);

    /// The address of the other end.
    fn peer_addr(&self) -> Result<SocketAddr, Self::Error>;

    /// The address of this end.
    fn local_addr(&self) -> Result<SocketAddr, Self::Error>;
}

/// A bound port that hands out connections.
#[allow(async_fn_in_trait)]
pub trait Listener: 'static {
    /// Why accepting failed.
    type Error: embedded_io_async::Error + 'static;
    /// What is accepted.
    type Connection: Connection<Error = Self::Error>;

    /// Waits for the next connection. Where connections are limited and all are taken it waits for a free one,
    /// and clients wait with it.
    ///
    /// # Cancel safety
    /// Dropping the future loses no connection.
    ///
    /// # Allocation
    /// None on bare metal.
    ///
    /// # Wakes from interrupts
    /// As the platform's driver does.
    async fn accept(&self) -> Result<Self::Connection, Self::Error>;

    /// The address it is bound to, with the port that was chosen if port 0 was asked for.
    fn local_addr(&self) -> Result<SocketAddr, Self::Error>;
}

/// A platform's TCP: what portable code is handed to reach the network.
#[allow(async_fn_in_trait)]
pub trait Network {
    /// Why connecting or listening failed.
    type Error: embedded_io_async::Error + 'static;
    /// A connection, made here or accepted.
    type Connection: Connection<Error = Self::Error>;
    /// A bound port.
    type Listener: Listener<Connection = Self::Connection, Error = Self::Error>;

    /// Connects to `remote`.
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up.
    ///
    /// # Allocation
    /// None on bare metal.
    ///
    /// # Wakes from interrupts
    /// As the platform's driver does.
    async fn connect(&self, remote: SocketAddr) -> Result<Self::Connection, Self::Error>;

    /// Binds `local` and listens. When it returns, clients can connect.
    ///
    /// # Cancel safety
    /// Dropping the future binds nothing.
    ///
    /// # Allocation
    /// None on bare metal.
    ///
    /// # Wakes from interrupts
    /// None.
    async fn listen(&self, local: SocketAddr) -> Result<Self::Listener, Self::Error>;
}
