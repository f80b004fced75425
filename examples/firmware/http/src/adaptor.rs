//! What picoserve has to be told of a runtime: how it waits, and what its connections are. Like everything in here it is
//! written to the traits in `everloop_embedded::net`, so it fits a server on a host as well.

use core::fmt;

use embedded_io_async::{ErrorType, Read, Write};
use everloop_embedded::net::{Connection, ConnectionWriter};
use everloop_embedded::sleep;
use picoserve::mem::{BorrowedBuffer, BorrowedCursor};
use picoserve::time::Duration;
use picoserve::{Error, Timeouts, Timer};

/// How much is written at once, which is on the stack meanwhile.
const PIECE: usize = 256;

/// The runtime's name, by which picoserve keeps timers and sockets of several apart.
pub struct Everloop;

/// Waits by everloop's timers.
pub struct Clock;

impl Timer<Everloop> for Clock {
    async fn delay(&self, duration: Duration) {
        sleep(everloop_embedded::Duration::from_millis(duration.as_millis())).await;
    }
}

/// A connection.
pub struct Socket<C: Connection> {
    reader: C::Reader,
    writer: Writer<C::Writer>,
}

impl<C: Connection> Socket<C> {
    pub fn new(connection: C) -> Self {
        let (reader, writer) = connection.split();
        Self { reader, writer: Writer(writer) }
    }
}

impl<C: Connection> picoserve::io::Socket<Everloop> for Socket<C> {
    type Error = C::Error;
    type ReadHalf<'a> = &'a mut C::Reader;
    type WriteHalf<'a> = &'a mut Writer<C::Writer>;

    fn split(&mut self) -> (Self::ReadHalf<'_>, Self::WriteHalf<'_>) {
        (&mut self.reader, &mut self.writer)
    }

    async fn abort<T: Timer<Everloop>>(mut self, _: &Timeouts, _: &T) -> Result<(), Error<C::Error>> {
        self.writer.0.abort();
        Ok(())
    }

    /// Says that no more comes, and waits for the same of the client: what it still sends would else be answered by a
    /// reset, which could overtake the response.
    async fn shutdown<T: Timer<Everloop>>(
        mut self,
        timeouts: &Timeouts,
        timer: &T,
    ) -> Result<(), Error<C::Error>> {
        self.writer.0.write_eof().await.map_err(Error::Write)?;
        let mut rest = [0; PIECE];
        loop {
            match timer.run_with_timeout(timeouts.read_request, self.reader.read(&mut rest)).await {
                Ok(Ok(0)) => return Ok(()),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(Error::Read(error)),
                Err(timeout) => return Err(Error::ReadTimeout(timeout)),
            }
        }
    }
}

/// The half of a [`Socket`] to write to.
pub struct Writer<W>(W);

impl<W: ErrorType> ErrorType for Writer<W> {
    type Error = W::Error;
}

impl<W: Write> Write for Writer<W> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, W::Error> {
        self.0.write(bytes).await
    }

    /// What was written is on its way already. To wait until the client has acknowledged it would hold up each response
    /// by as long as the client likes to put that off.
    async fn flush(&mut self) -> Result<(), W::Error> {
        Ok(())
    }
}

impl<W: Write> picoserve::io::Write for Writer<W> {
    async fn write_with<F, R>(&mut self, fill: F) -> Result<R, W::Error>
    where
        F: FnOnce(BorrowedCursor<'_>) -> R,
    {
        let mut piece = [0; PIECE];
        let mut piece = BorrowedBuffer::new(&mut piece);
        let result = fill(piece.unfilled());
        self.0.write_all(piece.filled()).await?;
        Ok(result)
    }
}

impl<C: Connection> fmt::Debug for Socket<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Socket")
    }
}
