//! Feature `tokio-io`: streams with TLS are read and written by tokio's traits. `poll_shutdown` ends what is written, as `write_eof`
//! does without its time limit; the connection closes when it is dropped.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{TlsReadHalf, TlsStream, TlsWriteHalf};
use crate::net::Kind;

macro_rules! read {
    ($stream:ident) => {
        /// # Cancel safety
        /// A read that was not ready has taken no byte.
        ///
        /// # Allocation
        /// What rustls needs to decrypt.
        ///
        /// # Wakes from interrupts
        /// None; the reactor wakes it on its own thread.
        impl<K: Kind> AsyncRead for $stream<K> {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                let count = ready!($stream::poll_read(&mut self, cx, buf.initialize_unfilled()))?;
                buf.advance(count);
                Poll::Ready(Ok(()))
            }
        }
    };
}

macro_rules! write {
    ($stream:ident) => {
        /// # Cancel safety
        /// A write that was not ready has written no byte.
        ///
        /// # Allocation
        /// What rustls needs to encrypt, up to 64 KiB.
        ///
        /// # Wakes from interrupts
        /// None; the reactor wakes it on its own thread.
        impl<K: Kind> AsyncWrite for $stream<K> {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                $stream::poll_write(&mut self, cx, buf)
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                $stream::poll_write_vectored(&mut self, cx, bufs)
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                $stream::poll_flush(&mut self, cx)
            }

            fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                $stream::poll_write_eof(&mut self, cx)
            }
        }
    };
}

read!(TlsStream);
read!(TlsReadHalf);
write!(TlsStream);
write!(TlsWriteHalf);
