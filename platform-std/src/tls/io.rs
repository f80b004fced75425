//! The traits of `embedded-io-async` on a stream and its halves.

use std::future::poll_fn;
use std::io;

use embedded_io_async::{ErrorType, Read, Write};
use everloop_core::net::ConnectionWriter;

use super::{TlsReadHalf, TlsStream, TlsWriteHalf};
use crate::net::{Kind, io_slices};
use crate::reactor::Side;

macro_rules! error_type {
    ($stream:ident) => {
        impl<K: Kind> ErrorType for $stream<K> {
            type Error = io::Error;
        }
    };
}

macro_rules! read {
    ($stream:ident) => {
        /// The end of the stream is 0 only if the peer has said that it is; else it is [`TlsError::Truncated`].
        ///
        /// # Cancel safety
        /// A read that is dropped before it was ready has taken no byte.
        ///
        /// # Allocation
        /// What rustls needs to decrypt.
        ///
        /// # Wakes from interrupts
        /// None; the reactor wakes it on its own thread.
        ///
        /// [`TlsError::Truncated`]: super::TlsError::Truncated
        impl<K: Kind> Read for $stream<K> {
            async fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                poll_fn(|cx| self.poll_read(cx, buf)).await
            }
        }
    };
}

macro_rules! write {
    ($stream:ident) => {
        /// A write is ready as soon as the bytes are taken and all those from before are sent. `flush` waits until the socket
        /// has taken all.
        ///
        /// # Cancel safety
        /// A write that is dropped before it was ready has written no byte. `write_all` is several writes.
        ///
        /// # Allocation
        /// What rustls needs to encrypt, up to 64 KiB; a task, if the socket does not take all at once.
        ///
        /// # Wakes from interrupts
        /// None; the reactor wakes it on its own thread.
        impl<K: Kind> Write for $stream<K> {
            async fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                poll_fn(|cx| self.poll_write(cx, buf)).await
            }

            async fn flush(&mut self) -> io::Result<()> {
                poll_fn(|cx| self.poll_flush(cx)).await
            }
        }
    };
}

error_type!(TlsStream);
error_type!(TlsReadHalf);
error_type!(TlsWriteHalf);
read!(TlsStream);
read!(TlsReadHalf);
write!(TlsStream);
write!(TlsWriteHalf);

/// `write_eof` sends what was taken and ends this side; the peer may go on, if its TLS lets it: asyncio's ends its own side
/// in answer. If the peer takes nothing for as long as [`shutdown_timeout`](super::TlsConnector::shutdown_timeout) says, it
/// is [`TlsError::ShutdownTimeout`](super::TlsError::ShutdownTimeout) and the connection was reset.
///
/// `close` does that and waits, as long as the time limit says, until the peer has ended its own side; what it sends meanwhile
/// is thrown away. Then it closes the connection.
///
/// After `abort` both halves give errors of kind [`ConnectionAborted`](io::ErrorKind::ConnectionAborted), also to whoever
/// waits already.
///
/// # Differs from asyncio
/// There, a stream with TLS has no `write_eof`.
impl<K: Kind> ConnectionWriter for TlsWriteHalf<K> {
    async fn write_eof(&mut self) -> io::Result<()> {
        self.handle().end().await
    }

    fn abort(&mut self) {
        self.handle().socket().abort();
    }

    async fn write_vectored(&mut self, pieces: &[&[u8]]) -> io::Result<usize> {
        let (slices, count) = io_slices(pieces);
        poll_fn(|cx| self.poll_write_vectored(cx, &slices[..count])).await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.handle().end().await?;
        // In this half's place: whoever waits to read keeps the other.
        self.handle().drain(Side::Write).await?;
        self.handle().socket().close();
        Ok(())
    }
}
